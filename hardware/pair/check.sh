#!/bin/sh
# What keepalived asks once a second: whether this box may have the shared addresses (table), and whether it can
# carry (carrying). Cheap on purpose: no Node starts for it. Exit status 0 is yes.
set -u

run=/run/penstock
# Seconds. The engine says so twice a second. Until then the kernel and the inspectors carry without it, and a flood
# that keeps it busy is not to move from box to box.
oldest=5
# One for each shard of the inspected servers (rules/policy.ts).
listeners=4

main() {
	case ${1:-} in
	table) drops_by_default ;;
	carrying) engine_says_so && inspectors_listen ;;
	*)
		echo "usage: $0 table|carrying" >&2
		exit 2
		;;
	esac
}

# The floor under every policy, as the watchdog looks at it: input, forward and output of our table. What cannot be
# looked at is not wrong: nothing is open by that, and both boxes would give up for it.
drops_by_default() {
	chains=$(nft list chains inet) || return 0
	printf '%s\n' "$chains" | awk '
		/^table / { ours = ($3 == "penstock") }
		ours && /type filter hook/ && /policy drop;/ {
			for (word = 1; word < NF; word++) if ($word == "hook") dropping[$(word + 1)] = 1
		}
		END { exit !(dropping["input"] && dropping["forward"] && dropping["output"]) }'
}

# The file holds the seconds since the box started: no step of the clock makes it old or young.
engine_says_so() {
	read -r said 2>/dev/null <"$run/carrying" || return 1
	# An account other than root's writes it.
	case $said in '' | *[!0-9]*) return 1 ;; esac
	read -r up _ </proc/uptime
	age=$((${up%.*} - said))
	[ "$age" -ge 0 ] && [ "$age" -le "$oldest" ]
}

# Asked of the kernel, so that inspectors that died together with the engine are missed at once.
inspectors_listen() {
	found=$(ss -Hltn 'src 127.0.0.1 and sport >= :15502 and sport <= :15505' | wc -l)
	[ "$found" -ge "$listeners" ]
}

main "$@"
