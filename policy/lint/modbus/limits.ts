import type { Asset, Flow, Permission, Profile, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { largestRead } from './terms.ts';

/** A budget below one permitted request forbids what the permission beside it allows. */
export const readBudget: Check = {
  code: 'M-319',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2',
  title: 'A budget for reads leaves room for the reads that are permitted.',
  run: ({ profiles }) => profiles.flatMap(budgetProblems),
};

export const fewExceptions: Check = {
  code: 'M-320',
  severity: 'warning',
  clause: '62443-3-3 SR 7.1',
  title: 'One burst of refused requests does not end a connection.',
  run: ({ profiles }) =>
    profiles.flatMap(({ name, limits, stated }) => {
      const { exceptionsPerMinute, outstanding } = limits;
      const at = stated.exceptionsPerMinute;
      if (at === undefined || exceptionsPerMinute >= outstanding) return [];
      return [
        {
          at,
          about: name,
          message: `${exceptionsPerMinute} exceptions end a connection of ${name}, which may have ${outstanding} requests outstanding: one burst of refused ones is enough.`,
          hint: 'Raise `exceptions_per_minute`, or lower `outstanding`.',
        },
      ];
    }),
};

/** RTU has no transaction identifiers: an answer belongs to the one request before it. */
export const rtuPipelined: Check = {
  code: 'M-321',
  severity: 'warning',
  clause: 'MODBUS over Serial Line V1.02 §2.4.1',
  title: 'Over RTU one request is outstanding at a time.',
  run: (model) =>
    reached(model).flatMap(({ flow, profile, asset }) => {
      const at = profile.stated.outstanding;
      if (asset.modbus.framing !== 'rtu' || at === undefined || profile.limits.outstanding === 1) return [];
      return [
        {
          at,
          about: profile.name,
          message: `${flow.id} speaks RTU with ${asset.name}, where one request is outstanding at a time, not ${profile.limits.outstanding}.`,
          hint: 'Write `outstanding: 1`.',
        },
      ];
    }),
};

/** A client that has given up is answered by nobody's response. */
export const shortTimeout: Check = {
  code: 'M-324',
  severity: 'warning',
  clause: 'MODBUS over Serial Line V1.02 §2.4.1',
  title: 'A request outlives the time its serial line gives the unit.',
  run: (model) =>
    reached(model).flatMap(({ flow, profile, asset }) => {
      const { line } = asset.modbus;
      const { requestTimeout } = profile.limits;
      if (line === undefined) return [];
      const slowest = Math.max(...unitsOf(profile).map((unit) => timeoutOf(line, unit)));
      if (slowest < requestTimeout) return [];
      return [
        {
          at: profile.stated.requestTimeout ?? flow.at,
          about: flow.id,
          message: `${flow.id} gives up after ${requestTimeout} ms, but a unit of ${asset.name} has ${slowest} ms to answer.`,
          hint: 'Raise `request_timeout` above it, with room for requests that wait for the line.',
        },
      ];
    }),
};

function budgetProblems(profile: Profile): readonly Problem[] {
  const { name, limits, stated, permissions } = profile;
  const reads = permissions.map(largestRead);
  return [
    {
      key: 'read_addresses_per_minute',
      at: stated.readAddressesPerMinute,
      budget: limits.readAddressesPerMinute,
      most: Math.max(0, ...reads.map(({ addresses }) => addresses)),
    },
    {
      key: 'read_words_per_minute',
      at: stated.readWordsPerMinute,
      budget: limits.readWordsPerMinute,
      most: Math.max(0, ...reads.map(({ words }) => words)),
    },
  ].flatMap(({ key, at, budget, most }) => {
    if (at === undefined || (most > 0 && budget >= most)) return [];
    if (most === 0)
      return [
        {
          at,
          about: name,
          message: `\`${key}\` limits the reads of ${name}, which permits none.`,
          hint: 'Remove it.',
        },
      ];
    return [
      {
        at,
        about: name,
        message: `\`${key}\` is ${budget}, but ${name} permits requests that read ${most} at once: these are always refused.`,
        hint: `Raise it to at least ${most}, or give the reads a lower \`quantity\`.`,
      },
    ];
  });
}

interface Reach {
  readonly flow: Flow;
  readonly profile: Profile;
  readonly asset: Asset;
}

/** Each profile with the flows and servers it holds for, the first flow for each pair of both. */
function reached({ flows }: ZoneModel): readonly Reach[] {
  const found = new Map<Profile, Map<Asset, Flow>>();
  for (const flow of flows) {
    if (flow.profile === undefined) continue;
    const servers = found.get(flow.profile) ?? new Map<Asset, Flow>();
    found.set(flow.profile, servers);
    for (const end of flow.destinations)
      if (end.kind === 'asset' && !servers.has(end.asset)) servers.set(end.asset, flow);
  }
  return [...found].flatMap(([profile, servers]) =>
    [...servers].map(([asset, flow]) => ({ flow, profile, asset })),
  );
}

function unitsOf({ permissions }: Profile): readonly number[] {
  return [...new Set(permissions.flatMap(({ units }: Permission) => units))];
}

function timeoutOf(line: NonNullable<Asset['modbus']['line']>, unit: number): number {
  return line.units.find((entry) => entry.unit === unit)?.timeout ?? line.timeout;
}
