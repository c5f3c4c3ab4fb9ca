import type { DataTable } from '../../../rules/modbus/message/function-code.ts';
import type { AddressRange } from '../../../rules/modbus/profile.ts';
import type { Mode } from '../../model/access.ts';
import type { Asset, Flow, Permission, ZoneModel } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { joinWords } from '../endpoint.ts';
import { describeAddress, firstOutside, serversIn, stateUnits, type Use } from './servers.ts';
import { profileNameOf, readBy, type Span, tableOf, writtenBy } from './terms.ts';

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
        about: profileNameOf(need.permission),
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
            about: profileNameOf(need.permission),
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
    const needs = needsOf(asset, uses);
    if (needs.length === 0) continue;
    const feeds = feedsOf(asset, uses);
    for (const need of needs) {
      const address = firstOutside(need.range, feeds(need).map(rangeOf));
      // One permission that leads to many servers, units or ranges says the same of each.
      if (address !== undefined && !found.has(keyOf(need))) found.set(keyOf(need), { need, asset, address });
    }
  }
  return [...found.values()];
}

function fedElsewhere(model: ZoneModel, mode: Mode): readonly Problem[] {
  const found = new Map<string, Problem>();
  for (const [asset, uses] of serversIn(model, mode)) {
    const needs = needsOf(asset, uses);
    if (needs.length === 0) continue;
    const feeds = feedsOf(asset, uses);
    for (const need of needs) {
      const all = feeds(need);
      const others = all.filter(({ flow }) => flow !== need.use.flow);
      const own = all.filter(({ flow }) => flow === need.use.flow);
      if (firstOutside(need.range, own.map(rangeOf)) === undefined) continue;
      if (firstOutside(need.range, all.map(rangeOf)) !== undefined) continue;
      const names = [...new Set(others.map(({ flow }) => flow.id))];
      found.set(keyOf(need), {
        at: need.permission.at,
        about: profileNameOf(need.permission),
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

/** Addresses that become known on a flow. */
interface Feed {
  readonly flow: Flow;
  readonly range: AddressRange;
  /** Written, and confirmed: that makes a value known, but it is no reading. */
  readonly written: boolean;
}

/** What these uses make known of a server, for a need: by reads; a step by writes without a step as well. */
function feedsOf(asset: Asset, uses: readonly Use[]): (need: Need) => readonly Feed[] {
  const feeds = new Map<string, Feed[]>();
  const add = (permission: Permission, flow: Flow, { table, ranges }: Span, written: boolean) => {
    for (const unit of stateUnits(asset, permission.units)) {
      const key = `${unit} ${table}`;
      const known = feeds.get(key) ?? [];
      feeds.set(key, known);
      known.push(...ranges.map((range) => ({ flow, range, written })));
    }
  };
  for (const { flow, profile } of uses)
    for (const permission of profile.permissions) {
      for (const span of readBy(permission)) add(permission, flow, span, false);
      if (permission.step !== undefined) continue;
      for (const span of writtenBy(permission)) add(permission, flow, span, true);
    }
  return ({ unit, table, range, what }) =>
    (feeds.get(`${unit} ${table}`) ?? []).filter(
      (feed) =>
        feed.range.first <= range.last &&
        feed.range.last >= range.first &&
        (!feed.written || what === 'the step'),
    );
}

function rangeOf({ range }: Feed): AddressRange {
  return range;
}
