import type { Refusal } from '../../../rules/modbus/connection/effect.ts';
import type { ModbusPermission, ModbusProfile } from '../../../rules/modbus/profile.ts';
import type { FlowRule, Policy } from '../../../rules/policy.ts';
import type { Reason } from '../../../rules/reason.ts';

/** How often something was seen, and when first and last; wall time. */
export interface Seen {
  count: number;
  readonly firstAt: number;
  lastAt: number;
}

/** Requests or answers that the policy stops, alike in all but the values. */
export interface RefusalGroup extends Seen {
  readonly flow: FlowRule;
  readonly client: string;
  readonly server: string;
  readonly from: Refusal['from'];
  readonly reason: Reason;
  readonly permission: ModbusPermission | undefined;
  /** The first of them in the plant's words. */
  readonly text: string;
  /** What would have been permitted instead of the first. */
  readonly alternative: string | undefined;
}

/** Connections or datagrams that no flow permits. */
export interface UnpermittedGroup extends Seen {
  readonly client: string;
  readonly server: string;
  /** `tcp 44818`. */
  readonly service: string;
  readonly reason: Reason;
  readonly flow: FlowRule | undefined;
}

/** Something that is to be known of a capture: a hole in it, a tolerance used. */
export interface NoteGroup extends Seen {
  readonly what: string;
}

/** How the requests of one flow used its profile. */
export interface FlowUse {
  readonly flow: FlowRule;
  readonly profile: ModbusProfile | undefined;
  /** Of UDP and ICMP, packets. */
  connections: number;
  requests: number;
  refused: number;
  /** Requests that would have waited for an earlier one's answer. */
  heldBack: number;
  /** By the permission's place in the profile. */
  readonly used: number[];
}

/** A flow that nothing has used. */
export function useOf(flow: FlowRule, policy: Policy): FlowUse {
  const profile = policy.profiles.find(({ name }) => name === flow.profile);
  return { flow, profile, connections: 0, requests: 0, refused: 0, heldBack: 0, used: [] };
}

/** Groups by key, in the order of their first; what is more than `limit` is only counted. */
export interface Groups<G extends Seen> {
  /** Counts one; `make` is called for the first of its kind. */
  add(key: string, at: number, make: () => Omit<G, keyof Seen>): void;
  list(): readonly G[];
  /** Of kinds beyond the limit. */
  readonly uncounted: number;
  readonly total: number;
}

export function createGroups<G extends Seen>(limit: number = MostGroups): Groups<G> {
  const groups = new Map<string, G>();
  let uncounted = 0;
  let total = 0;
  return {
    add(key, at, make) {
      total++;
      const known = groups.get(key);
      if (known !== undefined) {
        known.count++;
        known.lastAt = at;
      } else if (groups.size >= limit) uncounted++;
      else groups.set(key, { ...make(), count: 1, firstAt: at, lastAt: at } as G);
    },
    list: () => [...groups.values()],
    get uncounted() {
      return uncounted;
    },
    get total() {
      return total;
    },
  };
}

/** A scan of every address must not fill the memory, nor the page. */
const MostGroups = 1000;
