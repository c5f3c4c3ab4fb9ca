#!/bin/sh
# Installs Penstock on Debian 12 or 13 or Raspberry Pi OS (64 bit), from a checkout or from an unpacked release, which
# brings all it needs. Run it again to update: what belongs to Penstock is replaced; configuration, keys, bundles and
# evidence are never touched.
set -eu

usage() {
	cat <<'TEXT'
usage: hardware/install.sh [--no-start] [--no-packages] [--modules DIR] [--root DIR] [--in-place] [--pair]

  --no-start      install and enable, but start or restart nothing now
  --no-packages   never call apt-get; say what is missing instead
  --modules DIR   take the Node packages from DIR (a node_modules made by npm ci --omit=dev on a machine of
                  the same architecture) instead of the npm registry
  --root DIR      install into the system image at DIR; starts nothing, calls no apt-get
  --in-place      the release this lies in is the current one already: only put users, units and settings in place
  --pair          install what a box of a pair needs, too: keepalived and conntrackd
TEXT
}

here=$(dirname "$0")
# shellcheck source=hardware/install-packages.sh
. "$here/install-packages.sh"
# shellcheck source=hardware/install-processes.sh
. "$here/install-processes.sh"

main() {
	read_arguments "$@"
	check_system
	[ "$in_place" = yes ] || check_release
	install_packages
	make_users
	[ "$in_place" = yes ] || install_code
	compile_code
	install_command
	install_os_parts
	install_configuration
	activate
}

read_arguments() {
	root='' start=yes packages=yes modules='' in_place=no pair=no
	while [ $# -gt 0 ]; do
		case $1 in
		--no-start) start=no ;;
		--no-packages) packages=no ;;
		--in-place) in_place=yes ;;
		--pair) pair=yes ;;
		--modules | --root)
			[ $# -gt 1 ] || { usage >&2; exit 2; }
			[ -d "$2" ] || fail 2 "$1: there is no directory $2." 'Name an existing directory.'
			directory=$(cd "$2" && pwd)
			if [ "$1" = --root ]; then root=${directory%/}; else modules=$directory; fi
			shift
			;;
		-h | --help) usage; exit 0 ;;
		*) usage >&2; exit 2 ;;
		esac
		shift
	done
	[ -z "$root" ] || { start=no; packages=no; }
	source=$(cd "$here/.." && pwd)
	opt=$root/opt/penstock
	etc=$root/etc/penstock
}

check_system() {
	[ "$(id -u)" = 0 ] || fail 3 'This must run as root.' "Run it again with sudo: sudo $0"
	release=$root/etc/os-release
	[ -r "$release" ] || fail 3 "$release is missing." 'Penstock installs on Debian 12 or 13 and on Raspberry Pi OS.'
	id=$(release_field ID)
	age=$(release_field VERSION_ID)
	case $id-$age in
	debian-12 | debian-13 | raspbian-12 | raspbian-13) ;;
	*) fail 3 "This is $id $age." 'Penstock installs on Debian 12 or 13 and on Raspberry Pi OS of the same age.' ;;
	esac
	case $(uname -m) in
	x86_64 | aarch64) ;;
	*) fail 3 "There is no Node 24 for $(uname -m)." 'Use a 64-bit system, on a Raspberry Pi the 64-bit Raspberry Pi OS.' ;;
	esac
	if [ "$(getconf LONG_BIT)" != 64 ]; then
		fail 3 'The kernel is 64-bit but the programs are 32-bit.' 'Install the 64-bit Raspberry Pi OS.'
	fi
}

# A release says of every file what it is to be; a torn copy is found before anything is changed.
check_release() {
	version=$(sed -n 's/^ *"version": *"\(.*\)",$/\1/p' "$source/package.json")
	is_release || return 0
	"$source/node_modules/.bin/node" "$source/hardware/release/check-files.ts" "$source" ||
		fail 3 "What lies in $source is not the release as it was made, or not for this machine." 'Unpack the archive for this architecture again.'
}

is_release() { [ -f "$source/manifest.json" ]; }

release_field() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\).*/\1/p" "$release"; }

make_users() {
	file "$source/hardware/os/sysusers.conf" "$root/etc/sysusers.d/penstock.conf"
	systemd-sysusers ${root:+--root="$root"} penstock.conf
}

# A new tree beside the old one, then the link to it in one rename: a torn copy is never what starts at the next boot.
install_code() {
	case $source/ in
	"$opt"/*) fail 2 "$opt is where this installs to." 'Run the installer of a checkout or of an unpacked release elsewhere.' ;;
	esac
	[ ! -L "$opt/trial" ] || fail 3 'An update is on trial.' 'Wait until penstock update has kept it or returned.'
	releases=$opt/releases
	new=$releases/.new
	rm -rf "$new"
	mkdir -p "$new"
	if is_release; then
		cp -a "$source/." "$new"
	else
		(cd "$source" && cp -R --parents gateway hardware policy rules test/plant package.json package-lock.json \
			README.md "$new")
		install_modules
	fi
	chown -R 0:0 "$new"
	chmod -R u=rwX,go=rX "$new"
	chmod 755 "$opt" "$releases"
	former=$(readlink "$opt/current" || true)
	if [ "$former" = "releases/$version" ]; then
		# What runs is never taken away under it.
		rm -rf "$releases/.again"
		mv "$new" "$releases/.again"
		point current releases/.again
		rm -rf "${releases:?}/$version"
		cp -al "$releases/.again" "$releases/$version"
	else
		rm -rf "${releases:?}/$version"
		mv "$new" "$releases/$version"
		[ -z "$former" ] || point previous "$former"
	fi
	point current "releases/$version"
	remove_other_releases
	say "Penstock $version is in /opt/penstock."
}

point() {
	sync -f "$releases"
	ln -sfn "$2" "$opt/$1.new"
	mv -T "$opt/$1.new" "$opt/$1"
}

remove_other_releases() {
	for directory in "$releases"/* "$releases"/.[!.]*; do
		case releases/$(basename "$directory") in
		"$(readlink "$opt/current")" | "$(readlink "$opt/previous" || true)") ;;
		*) rm -rf "$directory" ;;
		esac
	done
}

# What Node makes of the source, once for all starts. Root's, like the code: it is run. Without it all starts slower.
compile_code() {
	[ -z "$root" ] || return 0
	users=''
	for user in penstock-engine penstock-inspector penstock-front penstock-syslog; do
		users="$users $(id -u "$user")"
	done
	# shellcheck disable=SC2086 # a list of numbers, split on purpose
	if "$opt/current/node_modules/.bin/node" "$opt/current/gateway/run/fill-compile-cache.ts" "$opt/compiled.new" $users >/dev/null; then
		chmod -R u=rwX,go=rX "$opt/compiled.new"
		rm -rf "$opt/compiled"
		mv "$opt/compiled.new" "$opt/compiled"
	fi
}

install_command() {
	mkdir -p "$root/usr/local/bin"
	cat >"$root/usr/local/bin/penstock.new" <<'TEXT'
#!/bin/sh
export NODE_COMPILE_CACHE=/opt/penstock/compiled
exec /opt/penstock/current/node_modules/.bin/node --disable-warning=ExperimentalWarning /opt/penstock/current/gateway/cli/penstock.ts "$@"
TEXT
	chmod 755 "$root/usr/local/bin/penstock.new"
	mv "$root/usr/local/bin/penstock.new" "$root/usr/local/bin/penstock"
}

install_os_parts() {
	os=$source/hardware/os
	for unit in "$os"/penstock*; do
		file "$unit" "$root/etc/systemd/system/$(basename "$unit")"
	done
	file "$os/sysctl-closed.conf" "$root/etc/sysctl.d/60-penstock-closed.conf"
	file "$os/sysctl.conf" "$root/etc/sysctl.d/61-penstock.conf"
	file "$os/modules.conf" "$root/etc/modules-load.d/penstock.conf"
	file "$os/tmpfiles.conf" "$root/etc/tmpfiles.d/penstock.conf"
	# Sorts behind the system's own, which comes from /usr/lib.
	file "$os/system.conf" "$root/etc/systemd/system.conf.d/90-penstock.conf"
	file "$os/udev.rules" "$root/etc/udev/rules.d/60-penstock.rules"
	# Beside the releases: keepalived goes on by the place a link led to when it started, and that release goes away.
	for script in "$source"/hardware/pair/*.sh; do file "$script" "$opt/pair/$(basename "$script")" 755; done
}

install_configuration() {
	install -d -m 755 "$etc" "$etc/keys" "$etc/boot-drop.d"
	# Whoever installs a release trusts it with the whole box: then also with who signs the next one. Once: neither an
	# update nor another run brings a key back that was struck off, be it the last one.
	if [ ! -d "$etc/release-keys" ]; then
		# Appears whole: a run that is cut off must not leave a box that is to take none.
		rm -rf "$etc/release-keys.new"
		install -d -m 755 "$etc/release-keys.new"
		if [ "$in_place" = no ] && [ -d "$source/release-keys" ]; then
			for key in "$source"/release-keys/*.pem; do file "$key" "$etc/release-keys.new/$(basename "$key")"; done
		fi
		mv "$etc/release-keys.new" "$etc/release-keys"
	fi
	# The page's private key is read by the front and by nobody else.
	install -d -m 750 -g "$(group_id penstock-front)" "$etc/tls"
	file "$source/hardware/gateway.example.yaml" "$etc/gateway.example.yaml"
	if [ ! -e "$etc/gateway.yaml" ]; then
		file "$source/hardware/gateway.example.yaml" "$etc/gateway.yaml"
	fi
	# A unit whose name alone is on the medium is an empty one after a power cut.
	sync -f "$root/etc"
}

file() {
	mkdir -p "$(dirname "$2")"
	install -m "${3:-644}" "$1" "$2.new"
	mv "$2.new" "$2"
}

has() { [ -e "$root$1" ]; }

group_id() { sed -n "s/^$1:[^:]*:\([0-9]*\):.*/\1/p" "$root/etc/group"; }

say() { printf '%s\n' "$@"; }

fail() {
	printf '%s\n%s\n' "$2" "$3" >&2
	exit "$1"
}

main "$@"
