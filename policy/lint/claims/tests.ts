import type { PolicyTest } from '../../model/claims.ts';
import type { Conduit } from '../../model/zone-model.ts';
import type { Check } from '../check.ts';

/** One example of what passes and one of what does not say more than a page of rules. */
export const conduitNotTested: Check = {
  code: 'T-601',
  severity: 'warning',
  clause: '62443-3-3 SR 3.3',
  title: 'Every conduit has a test of what passes and one of what does not.',
  run: ({ conduits, tests }) => {
    const byZones = Map.groupBy(tests, ({ from, to }) => zonePair(from.zone.id, to.zone.id));
    return conduits.flatMap((conduit) => {
      // It ends by itself, and its test with it.
      if (conduit.temporary !== undefined) return [];
      const about = byZones.get(zonePair(conduit.from.id, conduit.to.id)) ?? [];
      const missing = [
        ...(about.some((one) => isAllowedBy(one, conduit)) ? [] : ['passes']),
        ...(about.some(({ expect }) => expect === 'deny') ? [] : ['does not pass']),
      ];
      if (missing.length === 0) return [];
      return [
        {
          at: conduit.at,
          about: conduit.id,
          message: `No test says what ${missing.join(', and none what ')} on ${conduit.id}.`,
          hint: 'Add to `tests`, from an asset of one of its zones to one of the other.',
        },
      ];
    });
  },
};

/** The test would go on passing, and about nothing. */
export const testOfRemovedAsset: Check = {
  code: 'T-605',
  severity: 'warning',
  clause: '62443-3-3 SR 3.3',
  title: 'No test is about an asset that is taken out of use.',
  run: ({ tests }) =>
    tests.flatMap(({ name, from, to, at }) =>
      [from, to]
        .filter(({ decommissioned }) => decommissioned !== undefined)
        .map((asset) => ({
          at,
          about: name,
          message: `The test "${name}" is about ${asset.name}, which is taken out of use.`,
          hint: 'Remove the test, or let it be about what stands in its place.',
        })),
    ),
};

/** Refused for another reason than the one meant, a typing error passes for protection. */
export const testWithoutReason: Check = {
  code: 'T-607',
  severity: 'info',
  clause: '62443-3-3 SR 3.3',
  title: 'Tests say which flow permits, or for which reason it is refused.',
  run: ({ tests }) =>
    tests
      .filter(({ expect, by, byTarget, because }) =>
        expect === 'allow' ? by === undefined && byTarget === '' : because === undefined,
      )
      .map(({ name, expect, at }) => ({
        at,
        about: name,
        message: `The test "${name}" does not say ${expect === 'allow' ? 'which flow permits it' : 'why it is refused'}, so that it may hold by accident.`,
        hint: expect === 'allow' ? 'Add `by:` with the flow.' : 'Add `because:` with the reason.',
      })),
};

function isAllowedBy({ expect, by, byTarget }: PolicyTest, conduit: Conduit): boolean {
  return expect === 'allow' && (by === undefined ? byTarget === '' : by.conduit === conduit);
}

function zonePair(from: string, to: string): string {
  return `${from} ${to}`;
}
