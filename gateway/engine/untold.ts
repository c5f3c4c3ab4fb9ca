import type { EvidenceRecord } from '../../rules/record/record.ts';
import type { FlowCounters, Peer } from '../ipc/reports.ts';
import type { ToldBook, UntoldTotals } from '../ipc/told-book.ts';
import { connectionsRecord, type RecordContext, refusalRecord } from './records.ts';

/**
 * The records of what an inspecting process had counted and not told when it was lost: by number alone, since nobody
 * knows more of it. `since` is when it was heard last, `now` when it was lost.
 */
export function untoldRecords(
  book: ToldBook,
  counted: readonly FlowCounters[],
  { since, now }: { readonly since: number; readonly now: number },
  context: RecordContext,
): readonly EvidenceRecord[] {
  // What is said and done in a granted session goes on record by itself.
  const ofPlant = counted.filter(({ flowId }) => !context.isTarget(flowId));
  return book.untold(ofPlant).flatMap((rest) => recordsOf(rest, { since, now }, context));
}

function recordsOf(
  { flowId, conduit, refusals, connections, ...passed }: UntoldTotals,
  { since, now }: { readonly since: number; readonly now: number },
  context: RecordContext,
): readonly EvidenceRecord[] {
  const ofFlow = {
    flow: 0,
    flowId,
    conduit,
    client: Nobody,
    server: Nobody,
    clientAsset: '',
    serverAsset: '',
  };
  const isAny = connections > 0 || Object.values(passed).some((number) => number > 0);
  const times = { startedAt: since, endedAt: now };
  const sum = {
    ...ofFlow,
    ...passed,
    ...times,
    count: connections,
    reason: 'inspector-lost',
    kinds: 0,
  } as const;
  return [
    ...(isAny ? [connectionsRecord(sum, context)] : []),
    ...refusals.map(({ reason, count }) =>
      refusalRecord(
        {
          ...ofFlow,
          at: since,
          lastAt: now,
          connection: '',
          verdict: 'refuse',
          reason,
          summed: true,
          exceptionCode: 0,
          rule: '',
          file: '',
          line: 0,
          text: 'counted by an inspecting process that was lost before it told more',
          count,
        },
        context,
      ),
    ),
  ];
}

const Nobody: Peer = { address: '', port: 0 };
