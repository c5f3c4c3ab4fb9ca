import type { AccessAct } from '../../rules/record/access-act.ts';
import type { BrokerParts } from './parts.ts';

type RefusedChannel = Omit<Extract<AccessAct, { readonly kind: 'channelRefused' }>, 'kind'>;

/** Puts refused channels on record; a client that tries without end fills no disk. */
export interface RefusedChannels {
  readonly note: (refused: RefusedChannel) => void;
}

export function createRefusedChannels({
  evidence,
  clock,
}: Pick<BrokerParts, 'evidence' | 'clock'>): RefusedChannels {
  const told = new Map<string, { since: number; more: number }>();

  return {
    note: (refused) => {
      const now = clock.monotonic();
      for (const [key, { since }] of told) if (now - since > Interval) told.delete(key);
      const { grant, carrier, source, target, why } = refused;
      // The client's port is another one each time.
      const key = [grant, carrier, source.replace(/:\d+$/, ''), target, why].join(' ');
      const known = told.get(key);
      if (known !== undefined || told.size >= MostKinds) {
        if (known !== undefined) known.more += 1;
        return;
      }
      told.set(key, { since: now, more: 0 });
      evidence.append({
        kind: 'act',
        at: Math.round(clock.wall()),
        act: { kind: 'channelRefused', ...refused },
      });
    },
  };
}

/** The same refusal goes on record once in this time, milliseconds. */
const Interval = 60_000;
const MostKinds = 100;
