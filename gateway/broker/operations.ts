import type { ChannelReport } from '../ipc/channel-body.ts';
import type { OperationBody } from '../ipc/grant-body.ts';
import { type ChannelState, type Entry, MostKeptOperations } from './grant-entry.ts';
import type { BrokerParts } from './parts.ts';

type OperationReport = Extract<ChannelReport, { readonly what: 'operation' }>;

/** What is done in granted sessions: the last of it to be shown live, writes and refusals to be proved. */
export interface Operations {
  readonly take: (entry: Entry, channel: ChannelState, report: OperationReport) => void;
  /** What came after this number, at most {@link MostShown}, of the grants that `mine` lets through. */
  readonly after: (number: number, mine: (grant: string) => boolean) => readonly OperationBody[];
}

export function createOperations({ evidence }: Pick<BrokerParts, 'evidence'>): Operations {
  const shown: OperationBody[] = [];
  let last = 0;

  return {
    take: (entry, channel, report) => {
      const { at, text, outcome, write, reason = '' } = report;
      const { person } = entry.kept.grant.asked.request;
      const about = { grant: entry.id, channel: channel.id, person, target: channel.target };
      last += 1;
      shown.push({ number: last, at, ...about, text, outcome, reason, write });
      if (shown.length > MostShown) shown.shift();
      if (!write && outcome !== 'refused') return;
      keep(entry, channel, report);
      const { request, exceptionCode, permission } = report;
      evidence.append({
        kind: 'operation',
        at,
        ...about,
        request,
        text,
        outcome,
        reason,
        exceptionCode,
        permission,
      });
    },
    after: (number, mine) => shown.filter((one) => one.number > number && mine(one.grant)),
  };
}

function keep({ kept }: Entry, channel: ChannelState, report: OperationReport): void {
  if (kept.operations.length >= MostKeptOperations) {
    kept.operationsLeftOut += 1;
    return;
  }
  const { at, text, outcome, reason = '', request } = report;
  const { unit, functionCode, address, values, before } = request;
  kept.operations.push({
    ...{ at, channel: channel.id, target: channel.target, text, outcome, reason, unit, functionCode, values },
    ...(address === undefined ? {} : { address }),
    ...(before === undefined ? {} : { before }),
  });
}

const MostShown = 1_000;
