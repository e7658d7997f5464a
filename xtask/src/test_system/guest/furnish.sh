# Furnishes the overlay: devices, packages of Debian and PyPI, a user, and the suite's own files.
# Still has this system's network, and nothing of the guest runs yet.
#
# Arguments: the folder for the room.
exec 2>&3 3>&-
room=$1
scripts=$(dirname "$0")
cd "$room/root"

mount -t proc proc proc
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=0755 tmpfs dev
for node in null:3 zero:5 full:7 random:8 urandom:9; do
	mknod -m 666 "dev/${node%:*}" c 1 "${node#*:}"
done
mknod -m 666 dev/tty c 5 0
mknod -m 600 dev/fuse c 10 229
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd

# Nothing that this system mounts or starts at boot is to be mounted or started in the guest.
rm -rf etc/systemd/system etc/fstab etc/crypttab etc/rc?.d
mkdir etc/systemd/system
printf '#!/bin/sh\nexit 101\n' >usr/sbin/policy-rc.d
chmod +x usr/sbin/policy-rc.d

# Nobody reads manual pages in the guest.
rm -f var/lib/man-db/auto-update

install() {
	# shellcheck disable=SC2086 # a list of words
	DEBIAN_FRONTEND=noninteractive chroot . apt-get install --yes --no-install-recommends \
		-o APT::Sandbox::User=root -o Dpkg::Options::=--force-unsafe-io \
		$ONCUE_SUITE_PACKAGES >>"$room/apt.log" 2>&1
}
# The lists may be missing or name what the archive no longer has.
if ! install; then
	chroot . apt-get update -o APT::Sandbox::User=root >>"$room/apt.log" 2>&1 || true
	install || {
		tail -n 20 "$room/apt.log" >&2
		exit 1
	}
fi

# shellcheck disable=SC2086 # a list of words
chroot . /usr/bin/python3 -m pip install --quiet --no-cache-dir --root-user-action=ignore \
	--target /usr/local/lib/oncue-suite $ONCUE_SUITE_CHECKERS >>"$room/apt.log" 2>&1 || {
	tail -n 20 "$room/apt.log" >&2
	exit 1
}

rm usr/sbin/policy-rc.d

chroot . useradd --create-home --shell /bin/sh tester
chroot . useradd other
cp -r "$scripts/etc/." etc/
cp -r "$scripts/package" home/tester/package
touch home/tester/package/suite usr/local/bin/oncue usr/local/bin/suite run-ready
mount --bind "$ONCUE_SUITE_PROGRAM" home/tester/package/suite
mount --bind "$ONCUE_SUITE_PROGRAM" usr/local/bin/suite
mount --bind "$ONCUE_SUITE_ONCUE" usr/local/bin/oncue
mount --bind "$ONCUE_SUITE_READY" run-ready
mkdir -p srv/downloads
mount --bind "$ONCUE_SUITE_DOWNLOADS" srv/downloads

exec unshare --net sh -eu "$scripts/boot.sh"
