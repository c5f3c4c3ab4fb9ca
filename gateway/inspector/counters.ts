import type { Permit } from '../../rules/admission/flow-table.ts';
import type { Outcome } from '../../rules/modbus/connection/effect.ts';
import type { ModbusProfile } from '../../rules/modbus/profile.ts';
import type { Reason } from '../../rules/reason.ts';
import {
  bucketPlace,
  Place,
  quarantinedPlace,
  readSlot,
  refusalPlace,
  requestPlace,
  SlotNumbers,
  type Tolerated,
  toleratedPlace,
} from '../ipc/counter-slot.ts';
import type { FlowCounters, UsedCount } from '../ipc/reports.ts';

/** Room for the numbers of one flow, from `at` on; where each stands is said in gateway/ipc/counter-slot.ts. */
export interface Slot {
  readonly numbers: Float64Array;
  readonly at: number;
}

/** Where a connection counts. Counting costs a store or two: this is done for every request. */
export interface FlowTally extends Slot {
  /** By function code: where its requests are counted. */
  readonly rows: Uint16Array;
  /** By the place of the permission in the profile. */
  readonly uses: readonly Use[];
}

/** How often a permission allowed a request. */
interface Use {
  readonly id: string;
  count: number;
}

/** The tallies of all flows used since the process started. */
export interface Counters {
  readonly of: (permit: Permit) => FlowTally;
  /** A connection was not let in; the permit is of the flow that came closest, if any. */
  readonly turnedAway: (permit: Permit | undefined, reason: Reason) => void;
  /** A connection was let in and never came to its server. */
  readonly unreached: (permit: Permit) => void;
  readonly report: () => FlowCounters[];
  /** Requests that passed, by flow and by the permission that allowed them; what was never used is not listed. */
  readonly used: () => { readonly flows: readonly UsedCount[]; readonly permissions: readonly UsedCount[] };
}

/** Where numbers are kept; undefined when there is no room for another flow. */
export type TakeSlot = (flowId: string, conduit: string) => Slot | undefined;

/** Flows counted apart; what comes beyond is counted under no name, and nothing is lost. */
export const MaxFlows = 10_000;

export function createCounters(take: TakeSlot = ownMemory): Counters {
  const flows = new Map<string, Flow>();
  const uses = new Map<string, Use>();
  const usesOf = new WeakMap<ModbusProfile, readonly Use[]>();
  const rowsOf = new WeakMap<ReadonlySet<number>, Uint16Array>();
  /** Under it stands what belongs to no flow, or to one too many. */
  const nameless = open('', '');

  function open(flowId: string, conduit: string): Flow {
    const slot = flows.size < MaxFlows ? take(flowId, conduit) : undefined;
    const flow =
      slot === undefined
        ? (flows.get('') ?? { ...ownMemory(), flowId, conduit })
        : { ...slot, flowId, conduit };
    flows.set(flow.flowId, flow);
    return flow;
  }

  function flowOf({ flow }: Permit): Flow {
    return flows.get(flow.id) ?? open(flow.id, flow.conduit);
  }

  /** By place in the profile: counting costs one look-up in a list, whatever the profile's size. */
  function usesIn(profile: ModbusProfile): readonly Use[] {
    const known = usesOf.get(profile);
    if (known !== undefined) return known;
    const made = profile.permissions.map(({ id }) => {
      const use = uses.get(id) ?? { id, count: 0 };
      uses.set(id, use);
      return use;
    });
    usesOf.set(profile, made);
    return made;
  }

  /** What an attacker sends must not become a label: only codes the model names stand for themselves. */
  function rowsFor(named: ReadonlySet<number>): Uint16Array {
    const known = rowsOf.get(named);
    if (known !== undefined) return known;
    const made = Uint16Array.from({ length: 256 }, (_, code) => requestPlace(named.has(code) ? code : 0));
    rowsOf.set(named, made);
    return made;
  }

  return {
    of: (permit) => {
      const { functionCodes, profile } = permit;
      const { numbers, at } = flowOf(permit);
      return { numbers, at, rows: rowsFor(functionCodes), uses: usesIn(profile) };
    },
    turnedAway: (permit, reason) => countRefusal(permit === undefined ? nameless : flowOf(permit), reason),
    unreached: (permit) => {
      const { numbers, at } = flowOf(permit);
      add(numbers, at + Place.unreached, 1);
    },
    report: () => [...flows.values()].filter(isNamedOrUsed).map((one) => readSlot(one.numbers, one.at, one)),
    used: () => ({
      flows: [...flows.values()].map((one) => ({ id: one.flowId, count: passed(one) })).filter(isUsed),
      permissions: [...uses.values()].filter(isUsed).map((use) => ({ ...use })),
    }),
  };
}

export function countFromClient({ numbers, at }: Slot, bytes: number): void {
  add(numbers, at + Place.bytesFromClient, bytes);
}

export function countFromServer({ numbers, at }: Slot, bytes: number): void {
  add(numbers, at + Place.bytesFromServer, bytes);
}

/** `permission` is the place in the profile of the one that allowed it. */
export function countRequest(
  tally: FlowTally,
  functionCode: number,
  outcome: Outcome,
  permission: number,
): void {
  const { numbers, at, rows, uses } = tally;
  const row = at + (rows[functionCode & 0xff] ?? 0);
  if (outcome === 'allow') {
    add(numbers, row, 1);
    const use = permission < 0 ? undefined : uses[permission];
    if (use !== undefined) use.count += 1;
  } else {
    add(numbers, row + (outcome === 'refuse' ? 1 : 2), 1);
  }
}

export function countRefusal({ numbers, at }: Slot, reason: Reason): void {
  add(numbers, at + refusalPlace(reason), 1);
}

/** A response of the server was put aside. */
export function countQuarantined({ numbers, at }: Slot, reason: Reason): void {
  add(numbers, at + quarantinedPlace(reason), 1);
}

/** Something against the specification passed. */
export function countTolerated({ numbers, at }: Slot, what: Tolerated): void {
  add(numbers, at + toleratedPlace(what), 1);
}

/** The client was handed an answer of the server's. */
export function countResponse({ numbers, at }: Slot, isException: boolean): void {
  add(numbers, at + Place.responses, 1);
  if (isException) add(numbers, at + Place.exceptions, 1);
}

/**
 * Added latency of one forwarded request, milliseconds: from the moment this process was handed the
 * last byte of the client's ADU to the moment it had handed the canonical ADU to the kernel. Waiting in
 * the kernel's queues and in this process's own event queue before that is not in it.
 */
export function countForwarded({ numbers, at }: Slot, milliseconds: number): void {
  const seconds = milliseconds > 0 ? milliseconds / 1000 : 0;
  add(numbers, at + bucketPlace(seconds), 1);
  add(numbers, at + Place.latencySum, seconds);
}

export function countOpened({ numbers, at }: Slot): void {
  add(numbers, at + Place.open, 1);
  add(numbers, at + Place.opened, 1);
}

export function countClosed({ numbers, at }: Slot): void {
  add(numbers, at + Place.open, -1);
}

/** An open connection is counted under another flow from now on. */
export function countMoved(from: Slot, to: Slot): void {
  add(from.numbers, from.at + Place.open, -1);
  add(to.numbers, to.at + Place.open, 1);
}

/** One store of eight bytes: who reads meanwhile sees the number before or the number after. */
function add(numbers: Float64Array, place: number, by: number): void {
  numbers[place] = (numbers[place] ?? 0) + by;
}

interface Flow extends Slot {
  readonly flowId: string;
  readonly conduit: string;
}

function ownMemory(): Slot {
  return { numbers: new Float64Array(SlotNumbers), at: 0 };
}

function isNamedOrUsed({ flowId, numbers, at }: Flow): boolean {
  return flowId !== '' || numbers.subarray(at, at + SlotNumbers).some((number) => number !== 0);
}

function isUsed({ count }: UsedCount): boolean {
  return count > 0;
}

function passed({ numbers, at, ...flow }: Flow): number {
  const { requests } = readSlot(numbers, at, flow);
  return requests.reduce((sum, { verdict, count }) => (verdict === 'refuse' ? sum : sum + count), 0);
}
