import { GuardChain } from '../../../rules/nft/guard.ts';
import { is, rule, setMark } from '../../../rules/nft/statements.ts';
import { baseChain, type Part } from './part.ts';

/**
 * Marks whatever this table has seen and not marked otherwise. The box routes nothing on that came from the plant
 * without a mark, so that a ruleset somebody flushes takes the way with it instead of leaving it open until the table
 * is back: the one gap that reading the table again and again cannot close. 62443-3-3 SR 5.2 RE3.
 */
export function guardRules(): Part {
  return {
    sets: [],
    maps: [],
    chains: [
      baseChain(GuardChain, { hook: 'prerouting', priority: AfterDivert, policy: 'accept' }, [
        rule(is('mark', 0), setMark(SeenMark)),
      ]),
    ],
  };
}

/** Beyond every number of a flow, which stand in the mark as well. */
const SeenMark = 0x40000000;
const AfterDivert = -140;
