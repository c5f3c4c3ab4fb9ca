#!/bin/sh
# Back to the release that ran before the one on trial. penstock-return.service runs this out of that former release:
# at boot, when the time of the trial is up, or when penstock update asks for it. Nothing of the release on trial is
# needed, and whatever interrupts this, doing it again ends the same.
set -eu
opt=${1:-/opt/penstock}
[ -L "$opt/trial" ] || exit 0

former=$(readlink "$opt/trial")
tried=$(readlink "$opt/current")
running=no why='the box started again before it was kept'
if systemctl --quiet is-active sysinit.target; then running=yes why='nobody kept it in time'; fi
if [ -s "$opt/trouble" ]; then why=$(head -n 1 "$opt/trouble"); fi

# What penstock update --note puts on record once the engine is there.
if [ "$tried" != "$former" ]; then
	printf '%s\n%s\n%s\n' "${tried#releases/}" "${former#releases/}" "$why" >"$opt/returned.new"
	mv "$opt/returned.new" "$opt/returned"
fi

ln -sfn "$former" "$opt/current.new"
mv -T "$opt/current.new" "$opt/current"
sync -f "$opt"

# Its units, users and settings again. Should that fail, the release itself is started all the same.
if [ "$running" = yes ]; then
	"$opt/current/hardware/install.sh" --in-place || {
		systemctl daemon-reload
		systemctl restart penstock-engine.service penstock-front.service 'penstock-inspector@*.service'
	}
	# What still runs out of the release that was tried ends now, and starts out of this one.
	for unit in $(systemctl list-units --plain --no-legend --state=active 'penstock-*.service' | cut -d ' ' -f 1); do
		case $(readlink "/proc/$(systemctl show --property=MainPID --value "$unit")/exe") in
		'' | "$(readlink -f "$opt/current")"/*) ;;
		"$opt"/*) systemctl restart "$unit" ;;
		esac
	done
else
	"$opt/current/hardware/install.sh" --in-place --no-start || true
	systemctl daemon-reload
fi

rm -f "$opt/trial" "$opt/trouble"
sync -f "$opt"
[ ! -e "$opt/returned" ] || systemctl --no-block start penstock-return-note.service
