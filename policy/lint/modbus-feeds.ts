import type { DataTable } from '../../rules/modbus/function-code.ts';
import type { AddressRange } from '../../rules/policy.ts';
import type { Mode } from '../model/access.ts';
import type { Asset, Flow, Permission, ZoneModel } from '../model/zone-model.ts';
import type { Check, Problem } from './check.ts';
import { joinWords } from './endpoint.ts';
import { describeAddress, firstOutside, serversIn, stateUnits, type Use } from './modbus-servers.ts';
import { readBy, tableOf, writtenBy } from './modbus-terms.ts';

/** Unknown refuses: what no read ever shows refuses for ever. */
export const unfedState: Check = {
  code: 'M-305',
  severity: 'error',
  clause: '62443-3-3 SR 3.5',
  title: 'What a write is judged against is read by some flow.',
  run: (model) =>
    normalOf(model).flatMap((mode) =>
      unfedIn(model, mode).map(({ need, asset, address }) => ({
        at: need.permission.at,
        message: `Nothing reads ${describeAddress(need.table, address)} of unit ${need.unit} at ${asset.name}, so ${need.what} refuses every write of ${need.use.flow.id} for ever.`,
        hint: 'Permit that read on some flow to the server, correct the address, or say `unknown: allow`.',
      })),
    ),
};

/** Where another client's reads feed it, that client must be running for the write to pass. */
export const stateFedElsewhere: Check = {
  code: 'M-305',
  severity: 'info',
  clause: '62443-3-3 SR 3.5',
  title: 'Every writer reads what its writes are judged against.',
  run: (model) => normalOf(model).flatMap((mode) => fedElsewhere(model, mode)),
};

/** A mode that cuts the reader takes the writer with it. */
export const unfedInMode: Check = {
  code: 'M-305',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2 RE2',
  title: 'A mode that keeps a write keeps the reads it is judged against.',
  run: (model) => {
    const always = new Set(
      normalOf(model).flatMap((mode) => unfedIn(model, mode).map(({ need }) => keyOf(need))),
    );
    return model.modes
      .filter(({ keepsAll }) => !keepsAll)
      .flatMap((mode) =>
        unfedIn(model, mode)
          .filter(({ need }) => !always.has(keyOf(need)))
          .map(({ need, asset, address }) => ({
            at: need.permission.at,
            message: `In mode ${mode.name} nothing reads ${describeAddress(need.table, address)} of unit ${need.unit} at ${asset.name}, so ${need.what} refuses every write of ${need.use.flow.id} while it lasts.`,
            hint: 'Keep a flow that reads it, or permit the read on this one.',
          })),
      );
  },
};

/** Addresses that one limit of one permission needs to be known. */
interface Need {
  readonly use: Use;
  readonly permission: Permission;
  readonly what: string;
  readonly table: DataTable;
  /** As the state counts it. */
  readonly unit: number;
  readonly range: AddressRange;
}

interface Unfed {
  readonly need: Need;
  readonly asset: Asset;
  readonly address: number;
}

function normalOf({ modes }: ZoneModel): readonly Mode[] {
  return modes.filter(({ keepsAll }) => keepsAll);
}

function unfedIn(model: ZoneModel, mode: Mode): readonly Unfed[] {
  const found = new Map<string, Unfed>();
  for (const [asset, uses] of serversIn(model, mode)) {
    for (const need of needsOf(asset, uses)) {
      const address = firstOutside(need.range, fedTo(need, asset, uses));
      // One permission that leads to many servers, units or ranges says the same of each.
      if (address !== undefined && !found.has(keyOf(need))) found.set(keyOf(need), { need, asset, address });
    }
  }
  return [...found.values()];
}

function fedElsewhere(model: ZoneModel, mode: Mode): readonly Problem[] {
  const found = new Map<string, Problem>();
  for (const [asset, uses] of serversIn(model, mode)) {
    for (const need of needsOf(asset, uses)) {
      const own = uses.filter(({ flow }) => flow === need.use.flow);
      if (firstOutside(need.range, fedTo(need, asset, own)) === undefined) continue;
      if (firstOutside(need.range, fedTo(need, asset, uses)) !== undefined) continue;
      const feeders = uses.filter((use) => fedTo(need, asset, [use]).length > 0 && !own.includes(use));
      const names = [...new Set(feeders.map(({ flow }) => flow))].map(({ id }: Flow) => id);
      found.set(keyOf(need), {
        at: need.permission.at,
        message: `${need.what[0]?.toUpperCase()}${need.what.slice(1)} of ${need.use.flow.id} is judged on what is read from ${asset.name} on ${joinWords(names)}.`,
        hint: 'While nothing is read there, its writes are refused; permit the read here if this client reads it too.',
      });
    }
  }
  return [...found.values()];
}

function keyOf({ permission, what, use }: Need): string {
  return `${permission.id} ${what} ${use.flow.id}`;
}

function needsOf(asset: Asset, uses: readonly Use[]): readonly Need[] {
  return uses.flatMap((use) =>
    use.profile.permissions.flatMap((permission) =>
      permission.unknown === 'allow'
        ? []
        : [...stepNeeds(asset, use, permission), ...interlockNeeds(asset, use, permission)],
    ),
  );
}

function stepNeeds(asset: Asset, use: Use, permission: Permission): readonly Need[] {
  if (permission.step === undefined) return [];
  return writtenBy(permission).flatMap(({ table, ranges }) =>
    stateUnits(asset, permission.units).flatMap((unit) =>
      ranges.map((range) => ({ use, permission, what: 'the step', table, unit, range })),
    ),
  );
}

function interlockNeeds(asset: Asset, use: Use, permission: Permission): readonly Need[] {
  return permission.interlocks.flatMap(({ functionCode, unit: written, address }) => {
    const table = tableOf(functionCode);
    const range = { first: address, last: address };
    // Of a broadcast nothing is known, and an interlock on it is never satisfied.
    const [unit = written] = stateUnits(asset, [written]);
    return table === undefined ? [] : [{ use, permission, what: 'the interlock', table, unit, range }];
  });
}

/** Ranges of the table and unit of a need that these uses make known: by reads; a step by free writes too. */
function fedTo(need: Need, asset: Asset, uses: readonly Use[]): readonly AddressRange[] {
  return uses.flatMap(({ profile }) =>
    profile.permissions
      .filter(({ units }) => stateUnits(asset, units).includes(need.unit))
      .flatMap((permission) => {
        const free = need.what === 'the step' && permission.step === undefined;
        return [...readBy(permission), ...(free ? writtenBy(permission) : [])];
      })
      .filter(({ table }) => table === need.table)
      .flatMap(({ ranges }) =>
        ranges.filter(({ first, last }) => first <= need.range.last && last >= need.range.first),
      ),
  );
}
