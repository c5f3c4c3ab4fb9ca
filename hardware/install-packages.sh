# shellcheck shell=sh disable=SC2154 # its variables are those of install.sh
# Part of install.sh: what Debian and the npm registry have to supply, from the release itself where it brings it.

install_packages() {
	missing=''
	has /usr/sbin/nft || missing="$missing nftables"
	has /usr/sbin/ip || has /sbin/ip || missing="$missing iproute2"
	# Without its list of protocol names nft says 6 where it was told tcp.
	has /etc/protocols || missing="$missing netbase"
	has /usr/bin/setpriv || missing="$missing util-linux"
	[ -n "$modules" ] || is_release || reuse_modules || command -v npm >/dev/null || missing="$missing npm"
	if [ "$pair" = yes ]; then
		for program in keepalived conntrackd conntrack; do has "/usr/sbin/$program" || missing="$missing $program"; done
	fi
	[ -n "$missing" ] || return 0
	if [ -d "$source/packages/debian-$age" ] && [ -z "$root" ]; then
		install_enclosed "$source/packages/debian-$age"
		return 0
	fi
	if [ "$packages" = no ]; then
		fail 3 "These packages are missing:$missing" "Install them with: apt-get install --no-install-recommends$missing"
	fi
	say "Installing the packages:$missing"
	apt-get update -q
	# shellcheck disable=SC2086 # a list of names, split on purpose
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
		-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold $missing
}

# Older ones too: what depends on them may ask for the version that lies beside it.
install_enclosed() {
	folder=$1
	set --
	for package in "$folder"/*.deb "$folder-pair"/*.deb; do
		case $package in "$folder-pair"/*) [ "$pair" = yes ] || continue ;; esac
		ours=$(dpkg-deb --field "$package" Version)
		theirs=$(dpkg-query --show --showformat '${db:Status-Status} ${Version}' "$(dpkg-deb --field "$package" Package)" 2>/dev/null || true)
		case $theirs in
		'installed '*) ! dpkg --compare-versions "${theirs#installed }" ge "$ours" || continue ;;
		esac
		set -- "$@" "$package"
	done
	say "Installing from the release:$missing"
	# A configuration that was laid down before its package stays: asked about it, dpkg ends where nobody answers.
	DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --install "$@"
}

install_modules() {
	if [ -n "$modules" ]; then
		cp -a "$modules" "$new/node_modules"
	elif reuse_modules; then
		cp -al "$opt/current/node_modules" "$new/node_modules"
	else
		say 'Fetching the Node packages named in package-lock.json.'
		(cd "$new" && npm ci --omit=dev --no-audit --no-fund --loglevel=error)
	fi
	node=$new/node_modules/.bin/node
	[ -x "$node" ] || fail 3 'The Node packages brought no Node.' 'Allow the install script of the package "node" (npm config) and run this again.'
}

# The packages in place are those of the new lock file: an update then needs no registry.
reuse_modules() {
	[ -x "$opt/current/node_modules/.bin/node" ] && cmp -s "$source/package-lock.json" "$opt/current/package-lock.json"
}
