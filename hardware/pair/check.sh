#!/bin/sh
# What keepalived asks once a second: whether this box may have the shared addresses (table), and whether it can
# carry (carrying). Cheap on purpose: no Node starts for it. Exit status 0 is yes.
set -u

run=/run/penstock
# Hundredths of a second. The engine says that it carries, and its inspectors tell it that they live, four times a second.
# One that is stopped or stuck is missed soon; one that runs or waits for the disk is only late, and a flood that keeps
# it busy is not to move from box to box. The kernel, and without the engine the inspectors, carry on until then.
frozen=100
late=500
# One for each shard of the inspected servers (rules/policy.ts).
listeners=4

main() {
	case ${1:-} in
	table) drops_by_default ;;
	# Twice, for keepalived asks at whole seconds only.
	carrying) engine_says_so && inspectors_listen && sleep 0.5 && engine_says_so ;;
	*)
		echo "usage: $0 table|carrying" >&2
		exit 2
		;;
	esac
}

# A policy, and the floor under it as the watchdog looks at it: input, forward and output of our table. The boot-time drop
# is the same floor without a policy: it hears nothing of the other box, and would take the addresses beside it. What
# cannot be looked at is not wrong: nothing is open by that, and both boxes would give up for it.
drops_by_default() {
	chains=$(nft list chains inet) || return 0
	printf '%s\n' "$chains" | awk '
		/^table / { ours = ($3 == "penstock") }
		ours && $1 == "chain" && $2 == "permitted" { policy = 1 }
		ours && /type filter hook/ && /policy drop;/ {
			for (word = 1; word < NF; word++) if ($word == "hook") dropping[$(word + 1)] = 1
		}
		END { exit !(policy && dropping["input"] && dropping["forward"] && dropping["output"]) }'
}

# The four numbers of gateway/engine/carrying-sign.ts.
engine_says_so() {
	# The time first: whoever is kept from running between the two must not find the sign old.
	read -r up _ </proc/uptime
	# An account other than root's writes it, in a directory of its own: what lies there may be a link to a device that
	# acts on being opened, a pipe that nobody writes into, a file without end.
	sign=$(dd if="$run/carrying" iflag=nofollow,nonblock bs=128 count=1 2>/dev/null) || return 1
	read -r said engine silence inspector <<-END
		$sign
	END
	for number in "$said" "$engine" "$silence" "$inspector"; do
		case $number in '' | *[!0-9]*) return 1 ;; esac
	done
	age=$((${up%.*}${up#*.} - said))
	[ "$age" -ge -$late ] && lives "$age" "$engine" && lives "$silence" "$inspector"
}

# How long nothing was heard of it, and its process. One that is gone is being started again.
lives() {
	[ "$1" -le $frozen ] || { [ "$1" -le $late ] && ! is_stuck "$2"; }
}

# None of its threads waits for a processor or the disk, or is about to end, and none has run within a time in which each of
# them looks at the clock. One that was kept from running shows by either that it lives, though what it said is still old.
is_stuck() {
	[ -d "/proc/$1" ] || return 1
	before=$(runs "$1")
	sleep 0.3
	[ "$(runs "$1")" = "$before" ] && ! grep -qs '^State:.[RDZX]' "/proc/$1"/task/*/status
}

# How often each of its threads has run.
runs() {
	grep -hs '^[a-z]*_ctxt_switches:' "/proc/$1"/task/*/status
}

# Asked of the kernel, so that inspectors that died together with the engine are missed at once.
inspectors_listen() {
	found=$(ss -Hltn 'src 127.0.0.1 and sport >= :15502 and sport <= :15505' | wc -l)
	[ "$found" -ge "$listeners" ]
}

main "$@"
