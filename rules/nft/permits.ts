/**
 * Numbers of flows, each with a counter of what it let pass and the flow's id as comment. They are sets with
 * one rule behind each, not verdict maps: whenever an element with a verdict comes anywhere in the table, as in
 * a switch of the mode, the kernel goes over every verdict there is, along every way that leads to it.
 */
export const PermitSets = {
  /** Flows that are always open. */
  always: 'permits',
  /** Flows with a gate, looked up once that is found open. */
  gated: 'opened',
} as const;

/** Whether the elements of a set count for flows. */
export function isPermitSet(name: unknown): boolean {
  return name === PermitSets.always || name === PermitSets.gated;
}
