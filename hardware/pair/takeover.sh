#!/bin/sh
# What keepalived runs when this box begins to carry, or to stand by: the states of the plain flows' connections
# go where they are needed, and inspected ones end. Nothing here opens anything; where it fails, plain connections
# begin anew, and inspected ones end by their time-outs.
set -u

config=/etc/conntrackd/conntrackd.conf

main() {
	# One after the other: a box may begin to carry and stand by again within a second. In root's own directory, where
	# no account can hold it first; and what hangs holds up nobody for good.
	exec 9>/run/penstock-takeover.lock
	flock -w 5 9 || logger -t penstock-pair 'The takeover before this one hangs.'
	case ${1:-} in
	carry)
		tell -c "hand the other box's connections to the kernel"
		tell -f 'forget them here'
		tell -R "read the kernel's own"
		tell -B 'send them to the other box'
		;;
	stand-by)
		end_inspected
		tell -n "ask for the other box's connections"
		;;
	*)
		echo "usage: $0 carry|stand-by" >&2
		exit 2
		;;
	esac
	logger -t penstock-pair "This box begins to $1."
}

tell() {
	timeout 10 conntrackd -C "$config" "$1" 2>/dev/null || logger -t penstock-pair "conntrackd $1 failed: could not $2."
}

# Both ends learn it at once and begin anew at the other box, where the answers already go. The inspectors speak
# from addresses of others; whatever speaks from one of this box's own goes on. Without a word on those everything
# would end.
end_inspected() {
	own=$(ip -4 -o address show | awk '{ sub("/.*", "", $4); printf "%snot src %s", (NR > 1 ? " and " : ""), $4 }')
	if [ -z "$own" ] || ! ss -4HtnK state connected "$own" >/dev/null 2>&1; then
		logger -t penstock-pair 'ss -K failed: inspected connections end later.'
	fi
}

main "$@"
