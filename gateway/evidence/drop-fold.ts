import type { DropRecord, Party } from '../../rules/record/record.ts';
import type { SumRules } from '../sums.ts';
import { createFold, type Fold } from './fold.ts';

/**
 * Folds packets the kernel refused: same interface, source, destination, protocol, destination port and
 * reason are one kind. The bound is that of {@link createFold}: 198 000 records a day, whatever arrives.
 */
export function createDropFold(): Fold<DropRecord> {
  return createFold(DropRules);
}

function key({ reason, verdict, device, source, destination, protocol }: DropRecord): string {
  return JSON.stringify([
    reason,
    verdict,
    device,
    source.address,
    destination.address,
    destination.port,
    protocol,
  ]);
}

function merge(earlier: DropRecord, later: DropRecord): DropRecord {
  return { ...earlier, lastAt: later.lastAt, packets: earlier.packets + later.packets };
}

function mix(earlier: DropRecord | undefined, later: DropRecord, kinds: number): DropRecord {
  const same = (field: 'reason' | 'verdict' | 'device' | 'protocol'): string =>
    earlier === undefined || earlier[field] === later[field] ? later[field] : '';
  return {
    kind: 'drop',
    firstAt: earlier?.firstAt ?? later.firstAt,
    lastAt: later.lastAt,
    packets: (earlier?.packets ?? 0) + later.packets,
    reason: same('reason'),
    device: same('device'),
    source: Several,
    destination: Several,
    protocol: same('protocol'),
    foldedKinds: kinds,
    verdict: same('verdict'),
  };
}

/** What makes drops one kind, and how they are counted together. */
export const DropRules: SumRules<DropRecord> = {
  key,
  merge,
  group: ({ verdict, reason }) => `${verdict} ${reason}`,
  mix,
};

const Several: Party = { asset: '', zone: '', address: '', port: 0 };
