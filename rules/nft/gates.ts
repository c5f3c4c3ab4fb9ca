import type { FlowRule, Policy } from '../policy.ts';
import { type InspectedElements, inspectedElements } from './inspected.ts';
import { renderKey, renderVerdict } from './render.ts';
import { type Element, TableName } from './ruleset.ts';
import type { NftCommand, NftElement } from './schema.ts';
import { undeclaredTraffic } from './undeclared.ts';
import { renderVendorGates } from './vendor-targets.ts';

/** Numbers of the gated flows that are open: the kernel itself lets each go when its time is up. */
export const AliveSet = 'alive';
/** As `inspected`, `answering` and `inspectors`, for gated flows; present only where the policy has any. */
export const GatedSets = {
  inspected: 'inspected_gated',
  answering: 'answering_gated',
  inspectors: 'inspectors_gated',
} as const satisfies Record<keyof InspectedElements, string>;

/** A gated flow or a vendor's target that is open now, or a conduit on which undeclared traffic passes. */
export interface OpenFlow {
  /** Id of the flow, of the target, or of the conduit. */
  readonly flow: string;
  /** Milliseconds since the Unix epoch; 0 when it has no end. */
  readonly until: number;
}

/**
 * The commands after which exactly these gated flows are open. They stand in one batch with the ruleset, or
 * alone when only the gates change: emptying and filling a set in one transaction lets no packet see it
 * empty. The end is rounded down to the second, so that nothing passes after it.
 * @param now wall time, milliseconds
 */
export function renderGates(policy: Policy, open: readonly OpenFlow[], now: number): readonly NftCommand[] {
  const gated = policy.flows.filter(({ gate }) => gate !== undefined);
  const divertible = gated.some(({ profile }) => profile !== '');
  const sets = [AliveSet, ...(divertible ? [GatedSets.inspected, GatedSets.answering] : [])];
  const maps = divertible ? [GatedSets.inspectors] : [];
  const inTable = (name: string) => ({ family: 'inet', table: TableName, name }) as const;
  return [
    // libnftables takes the name of a map for that of no set at all.
    ...sets.map((name): NftCommand => ({ flush: { set: inTable(name) } })),
    ...maps.map((name): NftCommand => ({ flush: { map: inTable(name) } })),
    ...gated.flatMap((flow) => {
      const timeout = timeoutOf(flow.id, open, now);
      return timeout === undefined ? [] : openingOf(flow, policy, timeout);
    }),
    ...undeclaredTraffic(policy).flatMap(({ conduit, number }) => {
      const timeout = timeoutOf(conduit, open, now);
      return timeout === undefined ? [] : [addElements(AliveSet, [timed(number, '', timeout)])];
    }),
    ...renderVendorGates(policy, open, now),
  ];
}

/** Seconds it stays open; 0 is without end; undefined when it is not open. */
function timeoutOf(id: string, open: readonly OpenFlow[], now: number): number | undefined {
  const entry = open.find((candidate) => candidate.flow === id);
  if (entry === undefined) return undefined;
  if (entry.until === 0) return 0;
  const seconds = Math.floor((entry.until - now) / 1000);
  return seconds >= 1 ? seconds : undefined;
}

function openingOf(flow: FlowRule, policy: Policy, timeout: number): readonly NftCommand[] {
  if (flow.profile === '') return [addElements(AliveSet, [timed(flow.number, '', timeout)])];
  const { inspected, answering, inspectors } = inspectedElements(flow, policy.interfaces);
  const plain = ({ key, comment }: Element) => timed(renderKey(key), comment, timeout);
  return [
    addElements(GatedSets.inspected, inspected.map(plain)),
    addElements(GatedSets.answering, answering.map(plain)),
    {
      add: {
        element: {
          family: 'inet',
          table: TableName,
          name: GatedSets.inspectors,
          elem: inspectors.map((element) => [plain(element), renderVerdict(element.verdict)]),
        },
      },
    },
  ];
}

function addElements(name: string, elem: NftElement[]): NftCommand {
  return { add: { element: { family: 'inet', table: TableName, name, elem } } };
}

function timed(val: ReturnType<typeof renderKey>, comment: string, timeout: number): NftElement {
  return {
    elem: { val, ...(timeout === 0 ? {} : { timeout }), ...(comment === '' ? {} : { comment }) },
  };
}
