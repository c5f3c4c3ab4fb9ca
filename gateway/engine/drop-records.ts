import { parseLogPrefix } from '../../rules/nft/log-prefix.ts';
import type { Policy } from '../../rules/policy.ts';
import type { DropRecord, EvidenceRecord, Party } from '../../rules/record/record.ts';
import type { Drop, DropSummary } from '../enforce/kernel/drop-summary.ts';

/**
 * The evidence records of packets the kernel logged within one second, ended now; and of what the reader
 * could not see, as a gap.
 */
export function dropRecords(
  summary: DropSummary,
  policy: Policy | undefined,
  now: number,
): readonly EvidenceRecord[] {
  const { lost: records } = summary;
  const seen = dropsSeen(summary, policy, now);
  if (records === 0) return seen;
  const act = {
    kind: 'gap',
    what: 'kernel drop log',
    from: now - SummaryInterval,
    to: now,
    records,
  } as const;
  return [{ kind: 'act', at: now, act }, ...seen];
}

function dropsSeen(summary: DropSummary, policy: Policy | undefined, now: number): readonly DropRecord[] {
  const named = assetsByAddress(policy);
  const party = (address: string, port: number): Party => ({
    ...(named.get(address) ?? { asset: '', zone: '' }),
    address,
    port,
  });
  const records = summary.drops.map((drop) => ({
    ...blank(now),
    packets: drop.count,
    ...labelOf(drop),
    device: drop.indev,
    source: party(drop.src, drop.sport),
    destination: party(drop.dst, drop.dport),
    protocol: ProtocolNames[drop.protocol] ?? String(drop.protocol),
  }));
  if (summary.others === 0) return records;
  return [...records, { ...blank(now), packets: summary.others, foldedKinds: 1 }];
}

function blank(now: number): DropRecord {
  const nobody: Party = { asset: '', zone: '', address: '', port: 0 };
  return {
    kind: 'drop',
    firstAt: now - SummaryInterval,
    lastAt: now,
    packets: 0,
    reason: 'no-flow',
    device: '',
    source: nobody,
    destination: nobody,
    protocol: '',
    foldedKinds: 0,
    verdict: 'refuse',
  };
}

/** A prefix that is not ours stands for itself: somebody else logs to our group. */
function labelOf({ prefix }: Drop): Pick<DropRecord, 'reason' | 'verdict'> {
  const { reason, verdict } = parseLogPrefix(prefix) ?? { reason: prefix, verdict: 'refuse' };
  return { reason, verdict };
}

function assetsByAddress(policy: Policy | undefined): ReadonlyMap<string, { asset: string; zone: string }> {
  return new Map(
    policy?.assets.flatMap(({ name, zone, addresses }) =>
      addresses.map((prefix) => [prefix.split('/')[0] ?? '', { asset: name, zone }] as const),
    ),
  );
}

const ProtocolNames: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' };

/** The reader sends one summary a second. Milliseconds. */
const SummaryInterval = 1_000;
