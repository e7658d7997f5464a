# Becomes the guest's systemd: in a network of its own, this system's root out of sight, and
# without the rights over what no namespace keeps apart (clock, kernel modules, power).

hostname guest
ip link set lo up

# A fresh one shows the guest's network devices. Read-only, so that nothing suspends this machine.
mount -t sysfs -o ro sysfs sys
# No virtual terminals: sessions are switched by logind alone.
mount -t tmpfs -o ro tmpfs sys/class/tty
# No power supplies but those that the suite writes there.
mount -t tmpfs tmpfs sys/class/power_supply
# A machine that can sleep, as far as logind can see.
mount -t tmpfs tmpfs sys/power
echo mem >sys/power/state
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
for file in proc/sysrq-trigger proc/kcore proc/kmsg; do
	[ ! -e $file ] || mount --bind dev/null $file
done
mount -t tmpfs -o mode=0755 tmpfs run
mkdir run/lock

mount -t tmpfs tmpfs mnt
mkdir mnt/outside
pivot_root . mnt/outside
umount --lazy /mnt/outside
umount /mnt

echo booting
exec setpriv --bounding-set -sys_time,-sys_module,-sys_boot,-sys_rawio,-syslog,-wake_alarm \
	env -i container=lxc NOTIFY_SOCKET=/run-ready PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	/lib/systemd/systemd --system --unit=multi-user.target --show-status=no >/dev/null 2>&1
