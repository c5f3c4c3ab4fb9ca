import { AliveSet } from '../../../rules/nft/gates.ts';
import type { Chain } from '../../../rules/nft/ruleset.ts';
import { inSet, rule, vmap } from '../../../rules/nft/statements.ts';
import type { FlowRule } from '../../../rules/policy.ts';
import { chain, type Part, timedSet } from './part.ts';
import type { Plan } from './plan.ts';
import { type DropReason, refused } from './refuse.ts';

/**
 * A gated flow passes while its number is in `alive`, which the kernel empties by its own clock: a
 * permission ends on time even with every process of ours dead.
 */
export function gateRules(plan: Plan): Part {
  const plain = plan.gated.filter(({ profile }) => profile === '');
  return {
    sets: [timedSet(AliveSet, ['mark'])],
    maps:
      plain.length === 0
        ? []
        : [
            {
              name: OpenedMap,
              type: ['mark'],
              flags: [],
              counted: true,
              elements: plain.map(({ number, id }) => ({
                key: [number],
                comment: id,
                verdict: { kind: 'goto', chain: PermittedChain },
              })),
            },
          ],
    chains: plan.gated.map(gateRulesOf),
  };
}

function gateRulesOf(flow: FlowRule): Chain {
  return chain(
    gateChain(flow),
    ...(flow.profile === '' ? [rule(inSet(['mark'], AliveSet), vmap(['mark'], OpenedMap))] : []),
    ...refused(shutReason(flow), flow.id, 'refuse'),
  );
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
const OpenedMap = 'opened';
