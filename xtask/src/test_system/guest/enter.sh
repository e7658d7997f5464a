# Makes the room in which the guest lives: an overlay on this system's root and a control group.
# Runs in a mount namespace of its own; all of it goes with the last process that is in there.
#
# Arguments: the folder for the room.
room=$1
scripts=$(dirname "$0")

mount -t tmpfs -o mode=0755 oncue-system-tests "$room"
mkdir "$room/upper" "$room/work" "$room/root" "$room/groups"

# Below a group of its own, the guest's systemd cannot see this system's groups.
mount -t cgroup2 cgroup2 "$room/groups"
group=$room/groups$(sed -n 's/^0:://p' /proc/self/cgroup)/$ONCUE_SUITE_GROUP
mkdir "$group"
echo 0 >"$group/cgroup.procs"
umount "$room/groups"

mount -t overlay overlay -o "lowerdir=/,upperdir=$room/upper,workdir=$room/work" "$room/root"
# What the furnishing has to say goes around `unshare`, which complains when its child is killed.
exec unshare --pid --uts --ipc --cgroup --fork --kill-child \
	sh -eu "$scripts/furnish.sh" "$room" 3>&2 2>/dev/null
