import type { Party, RefusalRecord } from '../../rules/record/record.ts';
import type { SumRules } from '../sums.ts';
import { createFold, type Fold } from './fold.ts';

/**
 * Folds refusals: same flow, client, unit, function code, block of addresses, verdict and reason are one
 * kind. At most 137 records a minute come out, so a flood of any size writes at most 198 000 records a
 * day: 80 MB at the usual 400 bytes.
 */
export function createRefusalFold(): Fold<RefusalRecord> {
  return createFold(RefusalRules);
}

function key({ flow, client, request, verdict, reason, foldedKinds }: RefusalRecord): string {
  const block = request?.address === undefined ? -1 : Math.floor(request.address / AddressBlock);
  const { unit = -1, functionCode = -1 } = request ?? {};
  // As JSON, no text in it can imitate a boundary between two parts.
  const parts = [
    flow,
    client.asset,
    client.address,
    unit,
    functionCode,
    block,
    verdict,
    reason,
    foldedKinds > 0,
  ];
  return JSON.stringify(parts);
}

function merge(earlier: RefusalRecord, later: RefusalRecord): RefusalRecord {
  const lowest = smaller(earlier.lowestAddress, later.lowestAddress);
  const highest = larger(earlier.highestAddress, later.highestAddress);
  return {
    ...earlier,
    lastAt: later.lastAt,
    count: earlier.count + later.count,
    foldedKinds: Math.max(earlier.foldedKinds, later.foldedKinds),
    ...(lowest === undefined ? {} : { lowestAddress: lowest }),
    ...(highest === undefined ? {} : { highestAddress: highest }),
  };
}

function mix(earlier: RefusalRecord | undefined, later: RefusalRecord, kinds: number): RefusalRecord {
  const same = (field: 'conduit' | 'flow' | 'verdict' | 'reason' | 'file'): string =>
    earlier === undefined || earlier[field] === later[field] ? later[field] : '';
  return {
    kind: 'refusal',
    firstAt: earlier?.firstAt ?? later.firstAt,
    lastAt: later.lastAt,
    count: (earlier?.count ?? 0) + later.count,
    conduit: same('conduit'),
    flow: same('flow'),
    connection: '',
    client: Several,
    server: Several,
    text: 'several kinds of request',
    verdict: same('verdict'),
    reason: same('reason'),
    exceptionCode: 0,
    permission: '',
    file: same('file'),
    line: 0,
    policyVersion: later.policyVersion,
    foldedKinds: kinds,
  };
}

function smaller(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

/** Addresses told apart by their hundreds: a scan of all 65 536 is 656 kinds, not 65 536. */
const AddressBlock = 100;

/** What makes refusals one kind, and how they are counted together. */
export const RefusalRules: SumRules<RefusalRecord> = {
  key,
  merge,
  group: ({ verdict, reason }) => `${verdict} ${reason}`,
  mix,
};

const Several: Party = { asset: '', zone: '', address: '', port: 0 };
