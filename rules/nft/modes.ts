import { parsePrefix } from '../address.ts';
import type { ModeState } from '../admission/mode.ts';
import { vendorTargets } from '../admission/vendor-targets.ts';
import type { FlowRule, Policy } from '../policy.ts';
import { type InspectedElements, inspectedElements } from './inspected.ts';
import { renderKey, renderVerdict } from './render.ts';
import { type Element, type NftVerdict, TableName } from './ruleset.ts';
import type { NftCommand, NftElement, NftKey } from './schema.ts';

/**
 * Where the mode in force stands: one element of each of these verdict maps (two of `flows` where IPv6 passes)
 * leads to the chains of that mode, which are all in the table already. A map is there only where a mode cuts
 * something of its kind.
 */
export const ModeMaps = {
  /** In the forward hook, for flows the kernel forwards by itself. */
  flows: 'mode',
  /** In the prerouting hook, for what is handed to the inspectors. */
  divert: 'mode_divert',
  /** In the output hook, for what the inspectors send. */
  legs: 'mode_legs',
  /** In the output hook, for what is dialled for vendors, which no mode keeps that does not keep all. */
  vendors: 'mode_vendors',
} as const;
export type ModeMap = keyof typeof ModeMaps;

/** Flows that recovery has opened again, by number and by the packets of the inspected ones. */
export const ReopenedSets = {
  flows: 'reopened',
  inspected: 'reopened_inspected',
  answering: 'reopened_answering',
} as const;

/** Where packets go that the mode in force lets pass. */
export const PassingChains: Readonly<Record<ModeMap, string>> = {
  flows: 'admit',
  divert: 'take',
  legs: 'legs',
  vendors: 'vendors',
};

/** The chain that decides on them in one mode. */
export function modeChain(map: ModeMap, mode: string): string {
  return `${ModeMaps[map]}/${mode}`;
}

/** What the modes of a policy cut. */
export interface ModePlan {
  /** The maps that are there. */
  readonly maps: readonly ModeMap[];
  /** By name: the flows a mode keeps, or `all`. */
  readonly modes: ReadonlyMap<string, ReadonlySet<FlowRule> | 'all'>;
  /** Flows that every mode keeps: a switch of the mode never comes between their packets. */
  readonly always: ReadonlySet<FlowRule>;
  readonly policy: ModeParts;
  /** Whether IPv6 passes the box. */
  readonly ipv6: boolean;
}

/** The part of a policy that modes are about. */
export type ModeParts = Pick<
  Policy,
  'modes' | 'flows' | 'vendors' | 'conduits' | 'interfaces' | 'services' | 'egress'
>;

/** Goes over the whole policy: done once for it, so that a switch costs what it changes. */
export function planModes(policy: ModeParts): ModePlan {
  const { flows, conduits } = policy;
  const undeclared = conduits.some(({ undeclaredUntil }) => undeclaredUntil !== 0);
  const letsIn = vendorTargets(policy).length > 0;
  const modes = new Map(
    policy.modes.map(({ name, keepsAll, keep }): [string, ReadonlySet<FlowRule> | 'all'] => {
      const ids = new Set(keep);
      const kept = new Set(flows.filter(({ id }) => ids.has(id)));
      return [name, keepsAll || (kept.size === flows.length && !undeclared && !letsIn) ? 'all' : kept];
    }),
  );
  const keepers = [...modes.values()].filter((kept) => kept !== 'all');
  const always = new Set(flows.filter((flow) => keepers.every((kept) => kept.has(flow))));
  const cutsInspected = flows.some((flow) => flow.profile !== '' && !always.has(flow));
  const cuts = always.size < flows.length || (undeclared && keepers.length > 0);
  const maps: readonly ModeMap[] = [
    ...(cuts ? (['flows'] as const) : []),
    ...(cutsInspected ? (['divert', 'legs'] as const) : []),
    ...(letsIn && keepers.length > 0 ? (['vendors'] as const) : []),
  ];
  return { maps, modes, always, policy, ipv6: usesIpv6(policy) };
}

/** Keys and verdict of the elements that put a mode in force; none for a mode the policy does not have. */
export function modeElements(
  plan: ModePlan,
  map: ModeMap,
  mode: string,
): readonly (Element & { readonly verdict: NftVerdict })[] {
  const kept = plan.modes.get(mode);
  if (kept === undefined) return [];
  const chain = kept === 'all' ? PassingChains[map] : modeChain(map, mode);
  // What the inspectors send comes back to rules that say what else they may.
  const kind = map === 'legs' ? 'jump' : 'goto';
  const families = plan.ipv6 && map === 'flows' ? ['ipv4', 'ipv6'] : ['ipv4'];
  return families.map((family) => ({ key: [family], comment: '', verdict: { kind, chain } }));
}

/**
 * The commands that put a mode in force in a table just made, where `normal` stands: they belong into the same
 * batch, next to those of the gates.
 */
export function renderModeState(plan: ModePlan, state: ModeState): readonly NftCommand[] {
  return [...flipTo(plan, state.mode), ...addAll(reopenedElements(plan, state))];
}

/**
 * One transaction that puts a mode in force where another is, or takes its recovery on. It flips an element of
 * each map and moves the flows that are opened again; what a flow that every mode keeps is judged by is not
 * touched, nor is what stays as it is.
 */
export function renderModeSwitch(plan: ModePlan, before: ModeState, after: ModeState): readonly NftCommand[] {
  const were = reopenedElements(plan, before);
  const are = reopenedElements(plan, after);
  return [
    ...(before.mode === after.mode ? [] : flipTo(plan, after.mode)),
    ...addAll(without(were, are)).map((command): NftCommand => ({ delete: command.add })),
    ...addAll(without(are, were)),
  ];
}

/** Whether IPv6 passes the box at all: where the model has none, none does. */
export function usesIpv6({
  flows,
  services,
  egress,
}: Pick<Policy, 'flows' | 'services' | 'egress'>): boolean {
  const ends = [
    ...flows.flatMap(({ sources, destinations }) => [...sources, ...destinations]),
    ...services.flatMap(({ sources }) => sources),
    ...egress.flatMap(({ destinations }) => destinations),
  ];
  return ends.some(({ prefixes }) => prefixes.some((text) => parsePrefix(text)?.family === 6));
}

/** The sets recovery writes into that are there. */
function reopenedSets({ maps }: ModePlan): readonly string[] {
  return [
    ...(maps.includes('flows') ? [ReopenedSets.flows] : []),
    ...(maps.includes('divert') ? [ReopenedSets.inspected, ReopenedSets.answering] : []),
  ];
}

/** The packets of the inspected ones among these flows, as elements of sets. */
export function inspectedAmong(
  flows: Iterable<FlowRule>,
  { interfaces }: Pick<Policy, 'interfaces'>,
): Pick<InspectedElements, 'inspected' | 'answering'> {
  const each = [...flows]
    .filter(({ profile }) => profile !== '')
    .map((flow) => inspectedElements(flow, interfaces));
  return {
    inspected: distinct(each.flatMap(({ inspected }) => inspected)),
    answering: distinct(each.flatMap(({ answering }) => answering)),
  };
}

/** Keys of elements by the set they belong into. */
type Reopened = ReadonlyMap<string, readonly NftKey[]>;

function reopenedElements(plan: ModePlan, { mode, reopened }: ModeState): Reopened {
  const { policy } = plan;
  const kept = plan.modes.get(mode) ?? 'all';
  const ids = new Set(reopened);
  const flows = kept === 'all' ? [] : policy.flows.filter((flow) => ids.has(flow.id) && !kept.has(flow));
  const { inspected, answering } = inspectedAmong(flows, policy);
  const keys = (elements: readonly Element[]) => elements.map(({ key }) => renderKey(key));
  const known = new Set(reopenedSets(plan));
  const all = new Map<string, readonly NftKey[]>([
    [ReopenedSets.flows, flows.map(({ number }) => number)],
    [ReopenedSets.inspected, keys(inspected)],
    [ReopenedSets.answering, keys(answering)],
  ]);
  return new Map([...all].filter(([set]) => known.has(set)));
}

/** What is in one and not in the other. */
function without(some: Reopened, others: Reopened): Reopened {
  return new Map(
    [...some].map(([set, keys]) => {
      const rest = new Set(others.get(set)?.map((key) => JSON.stringify(key)));
      return [set, keys.filter((key) => !rest.has(JSON.stringify(key)))];
    }),
  );
}

function flipTo(plan: ModePlan, mode: string): readonly NftCommand[] {
  return plan.maps.flatMap((map): readonly NftCommand[] => {
    const elem = modeElements(plan, map, mode).map(
      ({ key, verdict }): [NftElement, ReturnType<typeof renderVerdict>] => [
        renderKey(key),
        renderVerdict(verdict),
      ],
    );
    const name = inTable(ModeMaps[map]);
    const flush: NftCommand = { flush: { map: name } };
    return elem.length === 0 ? [flush] : [flush, { add: { element: { ...name, elem } } }];
  });
}

function addAll(reopened: Reopened) {
  return [...reopened].flatMap(([set, keys]) =>
    keys.length === 0 ? [] : [{ add: { element: { ...inTable(set), elem: [...keys] } } }],
  );
}

/** Two flows of one profile may name the same packets; the kernel refuses an element that is there. */
function distinct(elements: readonly Element[]): readonly Element[] {
  return [...new Map(elements.map((element) => [JSON.stringify(element.key), element])).values()];
}

function inTable(name: string) {
  return { family: 'inet', table: TableName, name } as const;
}
