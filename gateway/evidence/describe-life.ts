import type { LifeAct } from '../../rules/record/life-act.ts';

/** One line about what happened to the box itself, or to its keys. */
export function describeLife(act: LifeAct, time: (at: number) => string): string {
  switch (act.kind) {
    case 'backedUp':
      return `backup made${contents(act)}, by ${act.by}`;
    case 'restored': {
      const log = act.formerKey.split('+')[0] ?? '';
      return `restored from the backup of ${time(act.madeAt)}${contents(act)}${log === '' ? '' : `; its evidence was ${log}`}, by ${act.by}`;
    }
    case 'keyRotated':
      return `key ${act.what} changed: ${act.former || 'none'} -> ${act.now}, by ${act.by}${act.why === '' ? '' : `: ${act.why}`}`;
    case 'trustChanged':
      return `${act.use === 'releases' ? 'release' : 'signing'} key ${act.name} (${act.id.slice(0, 12)}) ${act.trusted ? 'is trusted' : 'is trusted no more'}, by ${act.by}`;
    case 'softwareUpdated':
      return `software ${act.from} -> ${act.to} ${act.what}, by ${act.by}${act.why === '' ? '' : `: ${act.why}`}`;
  }
}

function contents({ keys, evidence }: { readonly keys: boolean; readonly evidence: boolean }): string {
  const parts = [...(keys ? ['keys'] : []), ...(evidence ? ['evidence'] : [])];
  return parts.length === 0 ? '' : `, with ${parts.join(' and ')}`;
}
