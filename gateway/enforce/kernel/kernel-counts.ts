import { Reasons } from '../../../rules/reason.ts';
import type { EnforcementCounts } from '../enforcement.ts';
import type { NftObject } from './nft.ts';

/** What a table counts: per flow by the comments of map elements, per reason by named counters. */
export interface KernelCounts {
  /** By flow id. */
  readonly flows: ReadonlyMap<string, Count>;
  /** By reason code. */
  readonly drops: ReadonlyMap<string, Count>;
}

export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

export const NoCounts: KernelCounts = { flows: new Map(), drops: new Map() };

/** Reads the counters out of a listing of our table. */
export function readCounts(listed: readonly NftObject[]): KernelCounts {
  const flows = new Map<string, Count>();
  const drops = new Map<string, Count>();
  for (const object of listed) {
    const counter = object['counter'];
    if (isRecord(counter) && isReason(counter['name'])) add(drops, counter['name'], counter);
    const map = object['map'];
    if (isRecord(map) && Array.isArray(map['elem']))
      for (const entry of map['elem']) addElement(flows, entry);
  }
  return { flows, drops };
}

/** Both added up, so that totals outlive the ruleset they were counted by. */
export function addCounts(one: KernelCounts, other: KernelCounts): KernelCounts {
  return { flows: merge(one.flows, other.flows), drops: merge(one.drops, other.drops) };
}

/** As the interface gives them. */
export function asCounts({ flows, drops }: KernelCounts): EnforcementCounts {
  return {
    flows: [...flows].map(([flowId, count]) => ({ flowId, ...count })),
    drops: [...drops].map(([reason, count]) => ({ reason, ...count })),
  };
}

/** `[{elem: {val, comment: 'C-05/F-01', counter: {packets, bytes}}}, verdict]`. */
function addElement(flows: Map<string, Count>, entry: unknown): void {
  const [key] = Array.isArray(entry) ? entry : [];
  const element = isRecord(key) ? key['elem'] : undefined;
  if (!isRecord(element)) return;
  const { comment, counter } = element;
  if (typeof comment === 'string' && isRecord(counter)) add(flows, comment, counter);
}

function add(counts: Map<string, Count>, key: string, counter: Readonly<Record<string, unknown>>): void {
  const { packets, bytes } = counts.get(key) ?? { packets: 0, bytes: 0 };
  counts.set(key, { packets: packets + Number(counter['packets']), bytes: bytes + Number(counter['bytes']) });
}

function merge(one: ReadonlyMap<string, Count>, other: ReadonlyMap<string, Count>): Map<string, Count> {
  const sum = new Map(one);
  for (const [key, { packets, bytes }] of other) add(sum, key, { packets, bytes });
  return sum;
}

function isReason(name: unknown): name is string {
  return typeof name === 'string' && Object.hasOwn(Reasons, name);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
