import { AliveSet } from '../../../rules/nft/gates.ts';
import { PermitSets } from '../../../rules/nft/permits.ts';
import type { Chain } from '../../../rules/nft/ruleset.ts';
import { goTo, inSet, rule } from '../../../rules/nft/statements.ts';
import type { FlowRule } from '../../../rules/policy.ts';
import type { UndeclaredWay } from '../undeclared.ts';
import { chain, type Part, timedSet } from './part.ts';
import type { Plan } from './plan.ts';
import { audited, type DropReason, refused } from './refuse.ts';

/**
 * A gated flow passes while its number is in `alive`, which the kernel empties by its own clock: a
 * permission ends on time even with every process of ours dead.
 */
export function gateRules(plan: Plan): Part {
  const plain = plan.gated.filter(({ profile }) => profile === '');
  return {
    sets: [
      timedSet(AliveSet, ['mark']),
      ...(plain.length === 0
        ? []
        : [
            {
              name: PermitSets.gated,
              type: ['mark'] as const,
              flags: [],
              counted: true,
              elements: plain.map(({ number, id }) => ({ key: [number], comment: id })),
            },
          ]),
    ],
    maps: [],
    chains: [...plan.gated.map(gateRulesOf), ...plan.undeclared.flatMap(undeclaredRules)],
  };
}

function gateRulesOf(flow: FlowRule): Chain {
  return chain(
    gateChain(flow),
    ...(flow.profile === ''
      ? [rule(inSet(['mark'], AliveSet), inSet(['mark'], PermitSets.gated), goTo(PermittedChain))]
      : []),
    ...refused(shutReason(flow), flow.id, 'refuse'),
  );
}

/** What no flow declares passes while the stage of its conduit lasts, and is told of as something that should not. */
function undeclaredRules(traffic: UndeclaredWay): readonly Chain[] {
  const where = `${traffic.from}>${traffic.to}`;
  const passing = `audit/${traffic.number}`;
  return [
    chain(passing, ...audited(where), rule(goTo(PermittedChain))),
    chain(
      gateChain(traffic),
      rule(inSet(['mark'], AliveSet), goTo(passing)),
      ...refused('no-flow', where, 'refuse'),
    ),
  ];
}

/** The chain that decides on a gated flow. */
export function gateChain({ number }: Pick<FlowRule, 'number'>): string {
  return `gate/${number}`;
}

/** What most likely keeps it shut; the record is made where the time is known. */
function shutReason({ gate }: FlowRule): DropReason {
  if (gate?.session === true) return 'no-session';
  return gate?.schedule === undefined ? 'expired' : 'outside-schedule';
}

/** Ends every look-up that permits. */
export const PermittedChain = 'permitted';
