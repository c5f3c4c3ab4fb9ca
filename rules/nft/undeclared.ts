import type { Policy } from '../policy.ts';

/** Counter of the packets that passed by the leave of a conduit's audit stage alone. */
export const UndeclaredCounter = 'would-refuse';

/** A conduit on which, until then, passes what no flow declares. */
export interface UndeclaredTraffic {
  /** What the kernel knows it by, as the number of a flow; above every number of one. */
  readonly number: number;
  /** Id of the conduit: its gate is called by it. */
  readonly conduit: string;
  /** Zones of its ends. */
  readonly from: string;
  readonly to: string;
  /** Milliseconds since the Unix epoch. */
  readonly until: number;
}

/** The conduits of a policy that are in this stage, in its order. */
export function undeclaredTraffic({ conduits }: Pick<Policy, 'conduits'>): readonly UndeclaredTraffic[] {
  return conduits.flatMap(({ id, from, to, undeclaredUntil }, index) =>
    undeclaredUntil === 0
      ? []
      : [{ number: FirstNumber + index, conduit: id, from, to, until: undeclaredUntil }],
  );
}

/** Numbers of flows end before this. */
const FirstNumber = 2 ** 24;
