import type { Observation, UseCount } from '../../../rules/observation.ts';
import { addPeriod, type Period } from '../../model/period.ts';
import type { Check } from '../check.ts';
import { permissionsOf, profileNameOf } from '../modbus/terms.ts';

/** A door nobody uses protects nobody while it stands open. */
export const flowNeverUsed: Check = {
  code: 'R-709',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'Every flow is used.',
  needs: 'observation',
  run: ({ flows, metadata }, { observed }) => {
    const unused = unusedFor(observed, ({ flows: counts }) => counts, metadata.businessCycle ?? MonthOfUse);
    return flows.flatMap(({ id, at }) => {
      const days = unused.get(id);
      if (days === undefined) return [];
      return [
        {
          at,
          about: id,
          message: `Nothing has used ${id} in the ${days} days it was watched.`,
          hint: 'Remove it, unless it is for what happens less often than that.',
        },
      ];
    });
  },
};

/** More is permitted than anybody says. */
export const permissionNeverUsed: Check = {
  code: 'M-331',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'Every Modbus permission is used.',
  needs: 'observation',
  run: (model, { observed }) => {
    const unused = unusedFor(
      observed,
      ({ permissions }) => permissions,
      model.metadata.businessCycle ?? MonthOfUse,
    );
    return permissionsOf(model).flatMap((permission) => {
      const days = unused.get(permission.id);
      if (days === undefined) return [];
      return [
        {
          at: permission.at,
          about: profileNameOf(permission),
          message: `Nobody has used ${permission.name === '' ? permission.id : `"${permission.name}"`} in the ${days} days it was watched.`,
          hint: 'Remove it, unless it is for what happens less often than that.',
        },
      ];
    });
  },
};

/** Access left over from a job that is done. */
export const vendorNeverIn: Check = {
  code: 'V-408',
  severity: 'warning',
  clause: '62443-3-3 SR 1.3',
  title: 'Every vendor access is used.',
  needs: 'observation',
  run: ({ vendors }, { observed }) => {
    const unused = unusedFor(observed, (one) => one.vendors, QuarterOfUse);
    return vendors.flatMap(({ id, at }) => {
      const days = unused.get(id);
      if (days === undefined) return [];
      return [
        {
          at,
          about: id,
          message: `${id} has not been in for the ${days} days that were watched.`,
          hint: 'Remove the access; it can be given again when it is needed.',
        },
      ];
    });
  },
};

/** Something stands on the wire that nobody has written down. */
export const addressNotModelled: Check = {
  code: 'R-718',
  severity: 'warning',
  clause: '62443-3-3 SR 7.8',
  title: 'Every address seen on the wire is in the model.',
  needs: 'observation',
  run: ({ assets, metadata }, { observed }) => {
    const known = new Set(assets.flatMap(({ addresses }) => addresses));
    return observed.flatMap(({ gateway, strangers }) =>
      strangers
        .filter(({ address }) => !known.has(address))
        .slice(0, MostStrangers)
        .map(({ address, zone, packets }) => ({
          at: metadata.at,
          about: gateway,
          message: `${gateway} saw ${packets} packets from ${address}${zone === '' ? '' : ` in ${zone}`}, which is no asset of the model.`,
          hint: 'Find out what it is, and add it or take it off the wire.',
        })),
    );
  },
};

const Day = 86_400_000;
/** Long enough for what happens once a month; the model knows its own business cycle better. */
const MonthOfUse: Period = { months: 0, days: 30 };
const QuarterOfUse: Period = { months: 0, days: 90 };
/** Share of the time in which nobody counted that still says something. */
const MostBlind = 0.05;
const MostStrangers = 20;

/**
 * Days in which nothing used an id, wherever it was watched. One gateway that has seen it used, has not watched
 * it for long enough, or was blind for much of the time, and nothing is known: "never" needs a baseline.
 */
function unusedFor(
  observed: readonly Observation[],
  countsOf: (one: Observation) => readonly UseCount[],
  least: Period,
): ReadonlyMap<string, number> {
  const unused = new Map<string, number>();
  const open = new Set<string>();
  for (const observation of observed)
    for (const { id, since, hits } of countsOf(observation)) {
      const from = Math.max(since, observation.since);
      const isLong = addPeriod(from, least) <= observation.until;
      const seeing = observation.blind <= (observation.until - observation.since) * MostBlind;
      if (hits > 0 || !isLong || !seeing) open.add(id);
      const days = Math.floor((observation.until - from) / Day);
      unused.set(id, Math.min(days, unused.get(id) ?? days));
    }
  for (const id of open) unused.delete(id);
  return unused;
}
