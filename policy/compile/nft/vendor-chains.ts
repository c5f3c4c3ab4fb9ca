import { vendorTargets } from '../../../rules/admission/vendor-targets.ts';
import { ModeMaps, PassingChains } from '../../../rules/nft/modes.ts';
import type { Rule, Selector } from '../../../rules/nft/ruleset.ts';
import {
  accept,
  goTo,
  inSet,
  is,
  jump,
  leave,
  limit,
  notInSet,
  rule,
  vmap,
} from '../../../rules/nft/statements.ts';
import { allVendorElements, VendorKey, VendorSets } from '../../../rules/nft/vendor-targets.ts';
import { AnswerToDial, Dialled } from './keys.ts';
import { chain, type Part } from './part.ts';
import type { Plan } from './plan.ts';
import { ResetsPerSecond, refused } from './refuse.ts';

/**
 * What the inspectors dial for vendors: from the box's own address to a target, while a granted session leads there,
 * and by no other user. Every packet is looked up, so that a grant's end, a mode and a close end what is open. No rule
 * asks the connection table: where a flow of a whole zone holds the box's own address its packets are not tracked.
 */
export function vendorRules(plan: Plan): Part {
  if (!hasTargets(plan)) return { sets: [], maps: [], chains: [] };
  const byMode = plan.modes.maps.includes('vendors');
  const onward = byMode ? vmap(['nfproto'], ModeMaps.vendors) : goTo(PassingChains.vendors);
  return {
    sets: [
      { name: VendorSets.dialers, type: ['uid'], flags: [], counted: false, elements: [] },
      {
        name: VendorSets.all,
        type: VendorKey,
        flags: [],
        counted: false,
        elements: allVendorElements(plan.policy),
      },
      { name: VendorSets.open, type: VendorKey, flags: ['timeout'], counted: false, elements: [] },
    ],
    maps: [],
    chains: [
      chain(
        SentChain,
        // Its device learns that a connection is over; more than that nobody says without a session.
        rule(
          inSet(['skuid'], VendorSets.dialers),
          is('tcp flags', 'rst'),
          limit(ResetsPerSecond, ResetsPerSecond * 2),
          accept,
        ),
        // Somebody else's: by the egress of the box, or not at all.
        rule(notInSet(['skuid'], VendorSets.dialers), leave),
        rule(onward),
      ),
      chain(HeardChain, rule(inSet(AnswerToDial, VendorSets.open), onward)),
      chain(
        PassingChains.vendors,
        rule(inSet(Dialled, VendorSets.open), inSet(['skuid'], VendorSets.dialers), accept),
        // Of no process any more: the last words of a connection that was closed, which never begin one.
        ...spoken(Dialled),
        ...spoken(AnswerToDial),
        rule(inSet(['skuid'], VendorSets.dialers), goTo(ShutChain)),
      ),
      chain(ShutChain, ...refused('no-session', '', 'silence')),
      chain(OverChain, ...refused('no-session', '', 'refuse')),
    ],
  };
}

/** What goes on with a connection: the packet that begins one carries neither flag. */
function spoken(key: readonly Selector[]): readonly Rule[] {
  return ['ack', 'rst'].map((flag) => rule(inSet(key, VendorSets.open), is('tcp flags', flag), accept));
}

/** In the output chain, before anybody is barred. */
export function dialledRules(plan: Plan): readonly Rule[] {
  return hasTargets(plan) ? [rule(inSet(Dialled, VendorSets.all), jump(SentChain))] : [];
}

/** In the input chain. A device answers and opens nothing. */
export function answeredRules(plan: Plan): readonly Rule[] {
  return hasTargets(plan) ? [rule(inSet(AnswerToDial, VendorSets.all), jump(HeardChain))] : [];
}

/** At the end of the input chain: a device that goes on with what has been cut is told so. */
export function overRules(plan: Plan): readonly Rule[] {
  return hasTargets(plan) ? [rule(inSet(AnswerToDial, VendorSets.all), goTo(OverChain))] : [];
}

function hasTargets({ policy }: Plan): boolean {
  return vendorTargets(policy).length > 0;
}

const SentChain = 'vendor_sent';
const ShutChain = 'vendor_shut';
const HeardChain = 'vendor_heard';
const OverChain = 'vendor_over';
