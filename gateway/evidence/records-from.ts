import type { Policy } from '../../rules/policy.ts';
import {
  type ConnectionRecord,
  MaxSummaryValues,
  type Party,
  type RefusalRecord,
} from '../../rules/record/record.ts';
import type { ClosedConnection, Peer, RefusalReport } from '../ipc/messages.ts';

/** Makes evidence of what inspectors report, under the policy that is enforced. */
export interface RecordSource {
  readonly connection: (closed: ClosedConnection) => ConnectionRecord;
  readonly refusal: (report: RefusalReport) => RefusalRecord;
}

/**
 * Reports name assets and flows; the zones and the place in the model come from the policy. A report about
 * a flow of the former policy, still in flight at the change, keeps what it says itself.
 */
export function createRecordSource(policy: Policy): RecordSource {
  const zones = new Map(policy.assets.map(({ name, zone }) => [name, zone]));
  const sources = new Map(policy.flows.map(({ id, source }) => [id, source]));

  function party(asset: string, { address, port }: Peer): Party {
    return { asset, zone: zones.get(asset) ?? '', address, port };
  }

  function connection(closed: ClosedConnection): ConnectionRecord {
    const { id, conduit, startedAt, endedAt, transactions, refused, wouldRefuse, reason } = closed;
    return {
      kind: 'connection',
      id,
      conduit,
      flow: closed.flowId,
      client: party(closed.clientAsset, closed.client),
      server: party(closed.serverAsset, closed.server),
      startedAt,
      endedAt,
      bytesFromClient: closed.bytesFromClient,
      bytesFromServer: closed.bytesFromServer,
      requests: transactions,
      responses: Math.max(0, transactions - refused),
      refused,
      wouldRefuse,
      reason,
      policyVersion: policy.version,
    };
  }

  function refusal(report: RefusalReport): RefusalRecord {
    const source = sources.get(report.flowId);
    const { address } = report;
    return {
      kind: 'refusal',
      firstAt: report.at,
      lastAt: report.at,
      count: report.count,
      conduit: report.conduit,
      flow: report.flowId,
      connection: report.connection,
      client: party(report.clientAsset, report.client),
      server: party(report.serverAsset, report.server),
      ...requestOf(report),
      text: report.text,
      verdict: report.verdict,
      reason: report.reason,
      exceptionCode: report.exceptionCode,
      permission: report.rule,
      file: source?.file ?? '',
      line: report.line === 0 ? (source?.line ?? 0) : report.line,
      policyVersion: policy.version,
      ...(address === undefined ? {} : { lowestAddress: address, highestAddress: address }),
      foldedKinds: report.summed ? 1 : 0,
    };
  }

  return { connection, refusal };
}

function requestOf(report: RefusalReport): Pick<RefusalRecord, 'request'> {
  const { unit, functionCode, address, quantity, values = [] } = report;
  if (unit === undefined || functionCode === undefined) return {};
  return {
    request: {
      unit,
      functionCode,
      ...(address === undefined ? {} : { address }),
      ...(quantity === undefined ? {} : { quantity }),
      values: values.slice(0, MaxSummaryValues),
    },
  };
}
