import { scheduleText } from '../../rules/schedule-text.ts';
import type { Mode, VendorAccess } from '../model/access.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import type { Fact } from './facts.ts';
import { factOf } from './facts-zones.ts';
import { durationText, listText, setText, timeText } from './words.ts';

/** Operating modes and vendors' terms. */
export function accessFacts({ modes, vendors, flows }: ZoneModel): readonly Fact[] {
  return [...modes.flatMap((mode) => factsOfMode(mode, flows.length)), ...vendors.flatMap(factsOfVendor)];
}

function factsOfMode(mode: Mode, flows: number): readonly Fact[] {
  const { name, keepsAll, keep, recover, profiles, purpose, authority, at } = mode;
  const fact = factOf(`mode ${name}`, at);
  const kept =
    keepsAll || keep.length === flows ? 'everything' : setText(keep.map(({ id }) => id)) || 'nothing';
  const replaced = profiles.map(({ flow, profile }) => `${flow.id} by ${profile.name}`);
  return [
    fact('modes', '', purpose === '' ? name : purpose),
    { ...fact('modes', 'keeps', kept), effect: 'guard' },
    { ...fact('modes', 'judges', setText(replaced)), effect: 'guard' },
    fact('modes', 'reopens in the order', listText(recover.map(({ id }) => id))),
    fact('modes', 'decided by', authority),
  ];
}

function factsOfVendor(vendor: VendorAccess): readonly Fact[] {
  const { id, company, people, entry, approval, limits, record, opens, contractEnds, at } = vendor;
  const fact = factOf(`vendor ${id}`, at);
  const guard = (what: string, value: string): Fact => ({ ...fact('vendors', what, value), effect: 'guard' });
  const without = people.filter(({ mfa }) => mfa === 'off').map((person) => person.id);
  const approved = [approval?.role ?? '', approval?.second ?? ''].filter((role) => role !== '');
  return [
    fact('vendors', '', company),
    fact('vendors', 'people', setText(people.map((person) => person.id))),
    { ...fact('vendors', 'people without a second factor', setText(without)), effect: 'leave' },
    fact('vendors', 'comes in by', entry.asset?.name ?? `zone ${entry.zone.id}`),
    fact('vendors', 'opens', setText(opens.map(({ flow }) => flow.id))),
    guard('approved by', listText(approved)),
    guard('longest session', durationText(limits.maxDuration)),
    guard('ends when idle for', durationText(limits.idle)),
    guard('sessions at once', limits.concurrent === 0 ? '' : String(limits.concurrent)),
    guard('hours', limits.window === undefined ? '' : scheduleText(limits.window)),
    guard('contract ends', timeText(contractEnds)),
    guard('on record', setText(record)),
  ];
}
