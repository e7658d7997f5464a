#!/bin/sh
# Installs oncue for one user, without root.
#
# Usage: ./install.sh [--prefix DIR]
#        ./install.sh --uninstall [--prefix DIR]
#
# The default prefix is ~/.local. Tasks, history and settings are not touched, neither by an update nor by
# --uninstall.
set -eu
unset CDPATH

fail() {
	echo "install.sh: $1" >&2
	exit "${2:-1}"
}
usage() { sed -n '/^# Usage/,/^set/{/^set/d;s/^# \{0,1\}//p;}' "$0"; }

prefix=
action=install
while [ $# -gt 0 ]; do
	case $1 in
	--prefix)
		[ -n "${2:-}" ] || fail "--prefix needs a folder" 2
		prefix=$2
		shift
		;;
	--prefix=?*) prefix=${1#--prefix=} ;;
	--uninstall) action=uninstall ;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		fail "unknown option $1" 2
		;;
	esac
	shift
done
[ -n "$prefix" ] || prefix=${HOME:?is not set; use --prefix}/.local
case $prefix in
/*) ;;
*) prefix=$PWD/$prefix ;;
esac
# The files that are installed, or that an interrupted installation may have written.
list=$prefix/share/oncue/installed-files

# Removes the files that standard input names.
remove_files() {
	while IFS= read -r file; do
		rm -f "$prefix/$file"
	done
}

if [ "$action" = uninstall ]; then
	[ -f "$list" ] || fail "oncue is not installed below $prefix"
	# Nothing may start at log-in what is gone. A person who installs oncue again has not declined it.
	"$prefix/bin/oncue" daemon --stop >/dev/null 2>&1 || true
	state=${XDG_STATE_HOME:-${HOME:-}/.local/state}/oncue
	[ -e "$state/no-service" ] && declined=yes || declined=no
	"$prefix/bin/oncue" service uninstall >/dev/null 2>&1 || true
	[ $declined = yes ] || rm -f "$state/no-service"
	remove_files <"$list"
	rm -f "$list" "$list.new" "$list.both" "$list.stale"
	rmdir "$prefix/share/oncue" "$prefix/share/doc/oncue" 2>/dev/null || true
	echo "oncue is removed from $prefix; your tasks and settings stay"
	exit 0
fi

tree=$(cd "$(dirname "$0")" && pwd)/tree
[ -x "$tree/bin/oncue" ] || fail "unpack the whole tarball, and run the script in its folder"
mkdir -p "$prefix/share/oncue" || fail "$prefix is not a folder that you can write to; use --prefix"
new=$list.new
trap 'rm -f "$new" "$list.both" "$list.stale"' EXIT
trap 'exit 130' INT TERM HUP
(cd "$tree" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$new" || fail "writing $new"
while IFS= read -r file; do
	[ ! -d "$prefix/$file" ] || fail "$prefix/$file is a folder; nothing was installed"
done <"$new"
if [ ! -f "$list" ] && [ -e "$prefix/bin/oncue" ]; then
	fail "$prefix/bin/oncue exists, and this script has not installed it; remove it, or use --prefix"
fi

# Until all is done, the list has the old files and the new ones, so that --uninstall finds whatever is there.
: >>"$list"
LC_ALL=C sort -u "$list" "$new" >"$list.both"
LC_ALL=C sort "$list" | LC_ALL=C comm -23 - "$new" >"$list.stale"
mv -f "$list.both" "$list"
while IFS= read -r file; do
	mkdir -p "$prefix/$(dirname "$file")"
	# A program that runs cannot be written, but it can be replaced.
	cp -p "$tree/$file" "$prefix/$file.new"
	mv -f "$prefix/$file.new" "$prefix/$file"
done <"$new"
remove_files <"$list.stale"
mv -f "$new" "$list"

echo "installed $("$prefix/bin/oncue" --version) in $prefix"
case :$PATH: in
*":$prefix/bin:"*) ;;
*) echo "add $prefix/bin to your PATH, for example in ~/.profile: PATH=\"$prefix/bin:\$PATH\"" ;;
esac
