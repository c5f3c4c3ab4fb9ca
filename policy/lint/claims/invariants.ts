import type { Invariant, Selection } from '../../model/claims.ts';
import type { Check } from '../check.ts';
import { joinFew, zoneOf } from '../endpoint.ts';

/** What is nowhere said to be forbidden, somebody will permit. */
export const zonePairUnsaid: Check = {
  code: 'T-602',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2 RE1',
  title: 'Invariants say what may come into every control and safety zone, from every other.',
  run: ({ zones, invariants }) => {
    const said = invariants.flatMap(pairOf);
    return zones
      .filter(({ kind, slT }) => (kind === 'control' || kind === 'safety') && slT.level >= 2)
      .flatMap((zone) => {
        const into = said.filter(({ to }) => to === '*' || to.has(zone.id));
        if (into.some(({ from }) => from === '*')) return [];
        const unsaid = zones.filter(
          ({ id }) => id !== zone.id && !into.some(({ from }) => from !== '*' && from.has(id)),
        );
        if (unsaid.length === 0) return [];
        const names = unsaid.map(({ id }) => id);
        return [
          {
            at: zone.at,
            about: zone.id,
            message: `No invariant says what may come into ${zone.id} from ${joinFew(names)}.`,
            hint: `Add one, such as \`{id: …, only: {from: "*", to: ${zone.id}, allow: […]}}\`.`,
          },
        ];
      });
  },
};

interface Pair {
  readonly from: ReadonlySet<string> | '*';
  readonly to: ReadonlySet<string> | '*';
}

/** The zones a statement about who may come in is about; how many may write is another question. */
function pairOf(invariant: Invariant): readonly Pair[] {
  if (invariant.kind === 'max-writers') return [];
  return [{ from: zonesOf(invariant.from), to: zonesOf(invariant.to) }];
}

function zonesOf(selection: Selection): ReadonlySet<string> | '*' {
  return selection === '*' ? '*' : new Set(selection.map((end) => zoneOf(end).id));
}
