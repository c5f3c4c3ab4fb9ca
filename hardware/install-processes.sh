# shellcheck shell=sh disable=SC2154 # its variables are those of install.sh
# Part of install.sh: which units are enabled, and in which order the processes of a gateway that runs start again.

# A box without a bundle would, once enabled, close itself off at the next boot with nothing to open it again.
activate() {
	if ! has_bundle; then
		say '' 'Not enabled yet: there is no bundle, and a box without one lets nobody in. To finish:' \
			"  1. edit $etc/gateway.yaml and put the public key under $etc/keys" \
			"  2. put the compiled bundle beside it and name it there under \"bundle\"" \
			'  3. penstock doctor --config /etc/penstock/gateway.yaml' \
			"  4. run this installer again"
		return 0
	fi
	units='penstock-boot-drop.service penstock.target'
	for number in $(inspector_numbers); do units="$units penstock-inspector@$number.service"; done
	# shellcheck disable=SC2086 # a list of names, split on purpose
	systemctl ${root:+--root="$root"} --quiet enable $units
	warn_about_other_firewalls
	if [ "$start" = no ]; then
		say 'Enabled; it starts at the next boot.'
		return 0
	fi
	start_now
}

start_now() {
	systemctl daemon-reload
	systemctl restart systemd-modules-load.service
	/lib/systemd/systemd-sysctl /etc/sysctl.d/61-penstock.conf
	systemd-tmpfiles --create penstock.conf
	if udevadm control --reload 2>/dev/null; then udevadm trigger --subsystem-match=watchdog --subsystem-match=gpio; fi
	restart_processes
	# penstock-return.service calls this and stands before the boot-time drop: a start of that would wait for this to end,
	# and the engine for it. On a box that runs the drop was started long ago.
	[ "$in_place" = no ] || units=${units#penstock-boot-drop.service }
	# shellcheck disable=SC2086 # a list of names, split on purpose
	systemctl start $units
	say 'Started. See: penstock status, and journalctl -u "penstock-*".'
}

# The kernel table stays while its processes start again: permitted connections the kernel carries go on. The inspectors
# go on by themselves until the engine is there again, and then start again one by one, so that another takes over.
restart_processes() {
	# The target, for an engine that dies again and again is not active and has to start again all the same.
	systemctl --quiet is-active penstock.target || return 0
	systemctl try-restart penstock-syslog.service
	systemctl restart penstock-front.service penstock-watchdog.service penstock-engine.service
	if ! wait_until engine_answers 45; then
		say 'The engine does not answer. The inspectors go on as they are.'
		return 0
	fi
	patience=15
	for number in $(inspector_numbers); do
		# What is not there by then will not come for the next one either, and an update has only so much time.
		wait_until another_stands_by $patience || patience=1
		systemctl restart "penstock-inspector@$number.service"
	done
}

wait_until() {
	end=$(($(uptime_seconds) + $2))
	until $1; do
		[ "$(uptime_seconds)" -lt $end ] || return 1
		sleep 0.2
	done
}

uptime_seconds() { sed 's/\..*//' /proc/uptime; }

engine_answers() { case $(/usr/local/bin/penstock status --json 2>/dev/null) in '{'*) ;; *) return 1 ;; esac; }

# Whether the next inspector may end. Other alarms say nothing of that, and may stand for as long as the box does.
another_stands_by() {
	case $(/usr/local/bin/penstock status --json 2>/dev/null) in
	*'"INSPECTOR_MISSING"'* | *'"NO_SPARE"'*) return 1 ;;
	'{'*) ;;
	*) return 1 ;;
	esac
}

has_bundle() {
	[ -n "$(find "$root/var/lib/penstock" -name '*.bundle' -type f 2>/dev/null | head -n 1)" ] && return 0
	bundle=$(setting bundle)
	case $bundle in
	'') return 1 ;;
	/*) [ -f "$root$bundle" ] ;;
	*) [ -f "$etc/$bundle" ] ;;
	esac
}

# One instance for each inspector and one for the spare.
inspector_numbers() {
	count=$(setting inspectors)
	case $count in [1-4]) ;; *) count=1 ;; esac
	seq 1 $((count + 1))
}

# A top-level key of gateway.yaml that holds one plain word.
setting() {
	sed -n "s/^$1:[[:space:]]*[\"']\{0,1\}\([^\"'#[:space:]]*\).*/\1/p" "$etc/gateway.yaml"
}

warn_about_other_firewalls() {
	for other in nftables ufw firewalld netfilter-persistent; do
		if systemctl ${root:+--root="$root"} --quiet is-enabled "$other.service" 2>/dev/null; then
			say "Warning: $other.service is enabled and empties the ruleset when it starts or stops." \
				"         Disable it: systemctl disable --now $other.service"
		fi
	done
}
