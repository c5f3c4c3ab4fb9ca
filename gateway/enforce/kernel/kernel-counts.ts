import { canonicalElement } from '../../../rules/nft/canonical.ts';
import { isPermitSet } from '../../../rules/nft/permits.ts';
import { UndeclaredCounter } from '../../../rules/nft/undeclared.ts';
import { Reasons } from '../../../rules/reason.ts';
import type { EnforcementCounts } from '../enforcement.ts';
import type { NftObject } from './nft.ts';

/** What a table counts: per flow by the comments of elements, per reason by named counters. */
export interface KernelCounts {
  /** By flow id. */
  readonly flows: ReadonlyMap<string, Count>;
  /** By reason code. */
  readonly drops: ReadonlyMap<string, Count>;
  readonly undeclared: Count;
}

export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

export const NoCounts: KernelCounts = {
  flows: new Map(),
  drops: new Map(),
  undeclared: { packets: 0, bytes: 0 },
};

/** Reads the counters out of a listing of our table. */
export function readCounts(listed: readonly NftObject[]): KernelCounts {
  const counted = readCounters(listed);
  return sum([...counted.values()]);
}

/** What was counted before a change and is counted no more: by counters that went or began anew. */
export function lostCounts(before: readonly NftObject[], after: readonly NftObject[]): KernelCounts {
  const now = readCounters(after);
  const lost = [...readCounters(before)].filter(([place, { packets }]) => {
    const same = now.get(place);
    return same === undefined || same.packets < packets;
  });
  return sum(lost.map(([, counter]) => counter));
}

/** Both added up, so that totals outlive the ruleset they were counted by. */
export function addCounts(one: KernelCounts, other: KernelCounts): KernelCounts {
  return {
    flows: merge(one.flows, other.flows),
    drops: merge(one.drops, other.drops),
    undeclared: both(one.undeclared, other.undeclared),
  };
}

/** As the interface gives them. */
export function asCounts({ flows, drops, undeclared }: KernelCounts): EnforcementCounts {
  return {
    flows: [...flows].map(([flowId, count]) => ({ flowId, ...count })),
    drops: [...drops].map(([reason, count]) => ({ reason, ...count })),
    undeclared: undeclared.packets,
  };
}

/** One counter of the table and what it counts for. */
interface Counter extends Count {
  readonly of: 'flow' | 'drop' | 'undeclared';
  readonly id: string;
}

/** By their place in the table: two listings are compared by it. */
function readCounters(listed: readonly NftObject[]): ReadonlyMap<string, Counter> {
  const counters = new Map<string, Counter>();
  for (const object of listed) {
    const counter = object['counter'];
    const name = isRecord(counter) ? counter['name'] : undefined;
    const of = isReason(name) ? 'drop' : name === UndeclaredCounter ? 'undeclared' : undefined;
    if (isRecord(counter) && of !== undefined)
      counters.set(String(name), { of, id: String(name), ...countOf(counter) });
    const set = object['set'];
    if (!isRecord(set) || !isPermitSet(set['name']) || !Array.isArray(set['elem'])) continue;
    for (const entry of set['elem']) {
      const counted = readElement(entry);
      if (counted !== undefined) counters.set(`${set['name']} ${canonicalElement(entry).key}`, counted);
    }
  }
  return counters;
}

/** `{elem: {val, comment: 'C-05/F-01', counter: {packets, bytes}}}`. */
function readElement(entry: unknown): Counter | undefined {
  const element = isRecord(entry) ? entry['elem'] : undefined;
  if (!isRecord(element)) return undefined;
  const { comment, counter } = element;
  if (typeof comment !== 'string' || !isRecord(counter)) return undefined;
  return { of: 'flow', id: comment, ...countOf(counter) };
}

function countOf(counter: Readonly<Record<string, unknown>>): Count {
  return { packets: Number(counter['packets']), bytes: Number(counter['bytes']) };
}

function sum(counters: readonly Counter[]): KernelCounts {
  const flows = new Map<string, Count>();
  const drops = new Map<string, Count>();
  let undeclared = NoCounts.undeclared;
  for (const counter of counters) {
    if (counter.of === 'undeclared') undeclared = both(undeclared, counter);
    else add(counter.of === 'flow' ? flows : drops, counter.id, counter);
  }
  return { flows, drops, undeclared };
}

function merge(one: ReadonlyMap<string, Count>, other: ReadonlyMap<string, Count>): Map<string, Count> {
  const total = new Map(one);
  for (const [key, count] of other) add(total, key, count);
  return total;
}

function add(counts: Map<string, Count>, key: string, more: Count): void {
  counts.set(key, both(counts.get(key) ?? { packets: 0, bytes: 0 }, more));
}

function both(one: Count, other: Count): Count {
  return { packets: one.packets + other.packets, bytes: one.bytes + other.bytes };
}

function isReason(name: unknown): name is string {
  return typeof name === 'string' && Object.hasOwn(Reasons, name);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
