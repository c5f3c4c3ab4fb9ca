import { formatLogPrefix } from '../../../rules/nft/log-prefix.ts';
import type { Rule, VerdictMap } from '../../../rules/nft/ruleset.ts';
import {
  count,
  drop,
  goTo,
  inSet,
  is,
  limit,
  log,
  reject,
  rule,
  vmap,
} from '../../../rules/nft/statements.ts';
import { UndeclaredCounter } from '../../../rules/nft/undeclared.ts';
import type { Reason } from '../../../rules/reason.ts';
import type { Gateway } from '../../model/zone-model.ts';
import { type Family, families } from './keys.ts';
import { chain, type Part } from './part.ts';
import type { Plan } from './plan.ts';

/** Reasons the kernel drops for; each has a counter object of its name. */
const DropReasons = [
  'connection-limit',
  'expired',
  'inspector-lost',
  'invalid-state',
  'ipv6-not-modelled',
  'mode-cut',
  'no-conduit',
  'no-egress',
  'no-flow',
  'no-service',
  'no-session',
  'one-way',
  'outside-schedule',
  'rate-exceeded',
  'source-mac',
  'source-wire',
] as const satisfies readonly Reason[];
export type DropReason = (typeof DropReasons)[number];

export const counters: readonly string[] = [...DropReasons, UndeclaredCounter].sort();

/** Ends a chain: counts, logs within a limit (a flood must not drown the log), and refuses. */
export function refused(reason: DropReason, where: string, how: 'refuse' | 'silence'): readonly Rule[] {
  return [
    rule(count(reason)),
    rule(limit(LogsPerSecond, LogBurst), log(formatLogPrefix({ reason, where, verdict: 'refuse' }))),
    rule(how === 'refuse' ? goTo(RefuseChain) : drop),
  ];
}

/** Counts and logs in the same way what passes although no flow declares it; a rule that accepts comes after. */
export function audited(where: string): readonly Rule[] {
  const prefix = formatLogPrefix({ reason: 'no-flow', where, verdict: 'would-refuse' });
  return [rule(count(UndeclaredCounter)), rule(limit(LogsPerSecond, LogBurst), log(prefix))];
}

/** The chains drops end in. */
export function refuseRules(plan: Plan, denyAction: Gateway['denyAction']): Part {
  const telling = families(plan.ipv6).flatMap((family) => {
    const rules = told(plan, family, denyAction);
    return rules.length === 0 ? [] : [{ nfproto: family.nfproto, name: `told${family.suffix}`, rules }];
  });
  return {
    sets: [],
    maps: telling.length === 0 ? [] : [toldMap(telling)],
    chains: [
      chain(RefuseChain, ...(telling.length === 0 ? [] : [rule(vmap(['nfproto'], ToldMap))]), rule(drop)),
      ...telling.map(({ name, rules }) => chain(name, ...rules, rule(drop))),
      chain(InvalidChain, ...refused('invalid-state', '', 'silence')),
      ...(plan.ipv6 ? [] : [chain(Ipv6Chain, ...refused('ipv6-not-modelled', '', 'silence'))]),
    ],
  };
}

/**
 * When somebody deletes the table, its maps are empty before its rules are gone: a packet on its way finds no flow then,
 * and must not end the connection it belongs to. Whoever comes here so late finds this map empty as well, and is dropped.
 */
function toldMap(telling: readonly { readonly nfproto: string; readonly name: string }[]): VerdictMap {
  const elements = telling.map(({ nfproto, name }) => ({
    key: [nfproto],
    comment: '',
    verdict: { kind: 'goto', chain: name } as const,
  }));
  return { name: ToldMap, type: ['nf_proto'], flags: [], counted: false, elements };
}

/**
 * A client that is told fails at once instead of hanging in its own time-outs. Only on the wire it lives on:
 * told to a forged source, the refusal would be a packet, with numbers of the forger's choice, into a zone
 * that he has no conduit to.
 */
function told(plan: Plan, family: Family, { tcp, udp }: Gateway['denyAction']): readonly Rule[] {
  const { reachable } = plan.box[family.number];
  if (reachable === undefined) return [];
  const known = inSet(['iifname', family.saddr], reachable.name);
  const resets = limit(ResetsPerSecond, ResetsPerSecond * 2);
  const errors = limit(ErrorsPerSecond, ErrorsPerSecond * 2);
  return [
    ...(tcp === 'reset' ? [rule(is('l4proto', 'tcp'), known, resets, reject('tcp reset'))] : []),
    ...(udp === 'reject' ? [rule(is('l4proto', 'udp'), known, errors, reject('admin-prohibited'))] : []),
  ];
}

export const RefuseChain = 'refuse';
const ToldMap = 'told';
export const InvalidChain = 'invalid';
export const Ipv6Chain = 'ipv6';
/** Per chain, so that a flood on one zone pair hides no drop on another. */
const LogsPerSecond = 20;
const LogBurst = 40;
export const ResetsPerSecond = 200;
export const ErrorsPerSecond = 20;
