import { InspectedKey, inspectedElements } from '../../../rules/nft/inspected.ts';
import type { Chain, MarkMap, Rule, VerdictMap } from '../../../rules/nft/ruleset.ts';
import { goTo, is, markFrom, meter, rule, setMark, vmap } from '../../../rules/nft/statements.ts';
import type { FlowLimits, FlowRule } from '../../../rules/policy.ts';
import { type Family, families, RequestIn } from './keys.ts';
import { chain, type Part } from './part.ts';
import type { Plan } from './plan.ts';
import { refused } from './refuse.ts';

/**
 * What a flow may carry at most (62443-3-3 SR 7.1 RE1). Flows of one set of limits share a chain, whose meters
 * keep each flow's, and each source's, account apart; what is above is dropped in silence, or each refusal
 * would be one more packet.
 */
export function limitRules(plan: Plan): Part {
  const plain = classesOf(plan.policy.flows.filter(isMeteredPlain));
  const inspected = classesOf(plan.policy.flows.filter(isMeteredInspected));
  const connections = plain.some(({ limits }) => limits.connectionsPerSource > 0);
  const known = families(plan.ipv6);
  return {
    sets: [],
    maps: inspected.length === 0 ? [] : [requestsMap(plan), classMap(SynMap, SynChain, inspected)],
    chains: [
      ...plain.map((one, index) => plainChain(one, index, known)),
      ...inspected.map(({ limits }, index) => synChain(limits, index)),
      ...(plain.length + inspected.length === 0
        ? []
        : [chain(OverRate, rule(setMark(0)), ...refused('rate-exceeded', '', 'silence'))]),
      ...(connections
        ? [chain(OverConnections, rule(setMark(0)), ...refused('connection-limit', '', 'silence'))]
        : []),
    ],
  };
}

/** From a flow's number to the chain of its limits; undefined where no forwarded flow has any. */
export function limitsMap({ policy }: Plan): VerdictMap | undefined {
  const classes = classesOf(policy.flows.filter(isMeteredPlain));
  return classes.length === 0 ? undefined : classMap('limits', LimitsChain, classes);
}

/** The same for connections that are handed to the inspectors, when they begin. */
export function limitDiverted({ policy }: Plan): readonly Rule[] {
  if (!policy.flows.some(isMeteredInspected)) return [];
  return [
    rule(is('tcp flags', 'syn'), markFrom(RequestIn, RequestsMap), vmap(['mark'], SynMap)),
    rule(setMark(0)),
  ];
}

/** Flows of the same limits. */
interface LimitClass {
  readonly limits: FlowLimits;
  readonly oneWay: boolean;
  readonly flows: readonly FlowRule[];
}

function classesOf(flows: readonly FlowRule[]): readonly LimitClass[] {
  const classes = new Map<string, { limits: FlowLimits; oneWay: boolean; flows: FlowRule[] }>();
  for (const flow of flows) {
    const { limits, oneWay } = flow;
    if (limits === undefined) continue;
    const key = JSON.stringify([oneWay, Object.entries(limits).sort()]);
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { limits, oneWay, flows: [flow] });
    else known.flows.push(flow);
  }
  return [...classes.values()];
}

function isMeteredPlain({ limits, profile }: FlowRule): boolean {
  return limits !== undefined && profile === '';
}

function isMeteredInspected({ limits, profile }: FlowRule): boolean {
  return profile !== '' && (limits?.newPerSecond ?? 0) + (limits?.newPerSecondPerSource ?? 0) > 0;
}

function classMap(name: string, prefix: string, classes: readonly LimitClass[]): VerdictMap {
  const elements = classes.flatMap(({ flows }, index) =>
    flows.map(({ number, id }) => ({
      key: [number],
      comment: id,
      verdict: { kind: 'jump', chain: `${prefix}/${index + 1}` } as const,
    })),
  );
  return { name, type: ['mark'], flags: [], counted: false, elements };
}

/** A one-way flow has no replies and begins no connection: all its packets are of clients. */
function plainChain({ limits, oneWay }: LimitClass, index: number, known: readonly Family[]): Chain {
  const { packetsPerSecond, newPerSecond, newPerSecondPerSource, connectionsPerSource } = limits;
  const name = (what: string) => `${what}/${index + 1}`;
  const begins = is('ct state', 'new');
  const sources = known.map(({ saddr, suffix }) => ({ key: ['mark', saddr] as const, suffix }));
  return chain(
    `${LimitsChain}/${index + 1}`,
    ...(packetsPerSecond === 0
      ? []
      : [
          rule(
            ...(oneWay ? [] : [is('ct direction', 'original')]),
            meter(name('packets'), ['mark'], rate(packetsPerSecond, 0)),
            goTo(OverRate),
          ),
        ]),
    ...(newPerSecond === 0 || oneWay
      ? []
      : [rule(begins, meter(name('new'), ['mark'], rate(newPerSecond, 0)), goTo(OverRate))]),
    ...(newPerSecondPerSource === 0 || oneWay
      ? []
      : sources.map(({ key, suffix }) =>
          rule(
            begins,
            meter(name(`new_by${suffix}`), key, rate(newPerSecondPerSource, Forget)),
            goTo(OverRate),
          ),
        )),
    ...(connectionsPerSource === 0 || oneWay
      ? []
      : sources.map(({ key, suffix }) =>
          rule(
            begins,
            meter(name(`open_by${suffix}`), key, { connections: connectionsPerSource }),
            goTo(OverConnections),
          ),
        )),
  );
}

function synChain({ newPerSecond, newPerSecondPerSource }: FlowLimits, index: number): Chain {
  const name = (what: string) => `${what}/${index + 1}`;
  return chain(
    `${SynChain}/${index + 1}`,
    ...(newPerSecond === 0
      ? []
      : [rule(meter(name('syn'), ['mark'], rate(newPerSecond, 0)), goTo(OverRate))]),
    ...(newPerSecondPerSource === 0
      ? []
      : [
          rule(
            meter(name('syn_by'), ['mark', 'ip saddr'], rate(newPerSecondPerSource, Forget)),
            goTo(OverRate),
          ),
        ]),
  );
}

function rate(perSecond: number, forget: number) {
  return { perSecond, burst: perSecond, forget };
}

/** Which flow the first packet of a diverted connection belongs to. */
function requestsMap({ policy }: Plan): MarkMap {
  const elements = policy.flows.filter(isMeteredInspected).flatMap((flow) =>
    inspectedElements(flow, policy.interfaces).inspected.map((element) => ({
      ...element,
      mark: flow.number,
    })),
  );
  return {
    name: RequestsMap,
    type: InspectedKey,
    flags: ['interval'],
    counted: false,
    data: 'mark',
    elements,
  };
}

const LimitsChain = 'limits';
const SynChain = 'syns';
const SynMap = 'syns';
const RequestsMap = 'limited_requests';
const OverRate = 'over_rate';
const OverConnections = 'over_connections';
/** Seconds a source's account is kept, so that forged sources do not fill the meter for good. */
const Forget = 60;
