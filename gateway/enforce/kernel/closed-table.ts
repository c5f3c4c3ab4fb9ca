import { renderReplace } from '../../../rules/nft/render.ts';
import type { Chain } from '../../../rules/nft/ruleset.ts';
import type { NftCommand } from '../../../rules/nft/schema.ts';
import { accept, is, rule } from '../../../rules/nft/statements.ts';

/**
 * One transaction after which nothing passes and nothing reaches the box but over loopback, as after
 * hardware/os/boot-drop.nft: the last resort where there is no former table to put back.
 */
export const closedCommands: readonly NftCommand[] = renderReplace({
  counters: [],
  sets: [],
  maps: [],
  chains: [droppingChain('input', 'iifname'), droppingChain('forward'), droppingChain('output', 'oifname')],
}).nftables;

/**
 * One transaction after which nothing is forwarded, for a box that has no policy yet. The box itself stays as
 * reachable as its system leaves it, or nobody could hand over the first bundle.
 */
export const unforwardedCommands: readonly NftCommand[] = renderReplace({
  counters: [],
  sets: [],
  maps: [],
  chains: [droppingChain('forward')],
}).nftables;

function droppingChain(hook: 'input' | 'forward' | 'output', device?: 'iifname' | 'oifname'): Chain {
  const rules = device === undefined ? [] : [rule(is(device, 'lo'), accept)];
  return { name: hook, hook: { hook, priority: 0, policy: 'drop' }, rules };
}
