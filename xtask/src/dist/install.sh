#!/bin/sh
# Installs oncue for one user, without root.
#
# Usage: ./install.sh [--prefix DIR]
#        ./install.sh --uninstall [--prefix DIR]
#
# The default prefix is ~/.local. Tasks, history and settings are not touched, neither by an update nor by
# --uninstall.
set -eu

prefix=${HOME:?HOME is not set; use --prefix}/.local
action=install
usage() { sed -n '/^# Usage/,/^$/{/^set/d;s/^# \{0,1\}//p;}' "$0"; }
while [ $# -gt 0 ]; do
	case $1 in
	--prefix)
		[ $# -gt 1 ] || { echo "install.sh: --prefix needs a folder" >&2; exit 2; }
		prefix=$2
		shift
		;;
	--prefix=*) prefix=${1#--prefix=} ;;
	--uninstall) action=uninstall ;;
	-h | --help) usage; exit 0 ;;
	*)
		echo "install.sh: unknown option $1" >&2
		usage >&2
		exit 2
		;;
	esac
	shift
done
case $prefix in
/*) ;;
*) prefix=$PWD/$prefix ;;
esac
list=$prefix/share/oncue/installed-files

remove_files() {
	while IFS= read -r file; do
		rm -f "$prefix/$file"
	done <"$list"
	rm -f "$list"
	rmdir "$prefix/share/oncue" "$prefix/share/doc/oncue" 2>/dev/null || true
}

if [ "$action" = uninstall ]; then
	[ -f "$list" ] || { echo "install.sh: oncue is not installed below $prefix" >&2; exit 1; }
	"$prefix/bin/oncue" daemon --stop >/dev/null 2>&1 || true
	remove_files
	echo "oncue is removed from $prefix; its tasks and settings stay in ~/.local/state/oncue and ~/.config/oncue"
	exit 0
fi

tree=$(cd "$(dirname "$0")" && pwd)/tree
(cd "$tree" && find . -type f | sed 's|^\./||' | sort) >"$tree/../files.new" 2>/dev/null ||
	{ echo "install.sh: unpack the whole tarball into a folder that you can write to, and run it there" >&2; exit 1; }
[ ! -f "$list" ] || remove_files
while IFS= read -r file; do
	mkdir -p "$prefix/$(dirname "$file")"
	# A program that runs cannot be written, but it can be replaced.
	cp -p "$tree/$file" "$prefix/$file.new"
	mv -f "$prefix/$file.new" "$prefix/$file"
done <"$tree/../files.new"
mkdir -p "$(dirname "$list")"
mv "$tree/../files.new" "$list"

echo "installed $("$prefix/bin/oncue" --version) in $prefix"
case :$PATH: in
*":$prefix/bin:"*) ;;
*) echo "add $prefix/bin to your PATH, for example in ~/.profile: PATH=\"$prefix/bin:\$PATH\"" ;;
esac
