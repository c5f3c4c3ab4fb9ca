import { vendorTargets } from '../../rules/admission/vendor-targets.ts';
import type { FlowRule, Policy } from '../../rules/policy.ts';
import type {
  ConnectionRecord,
  ConnectionsRecord,
  Party,
  RefusalRecord,
  RequestSummary,
} from '../../rules/record/record.ts';
import type { ClosedConnection, ConnectionSum, Peer, RefusalReport } from '../ipc/reports.ts';

/** What a policy adds to a report: where the rule stands, and which zone a name belongs to. */
export interface RecordContext {
  readonly policyVersion: number;
  readonly flow: (id: string) => FlowRule | undefined;
  readonly zoneOf: (asset: string) => string;
  /** Whether this is a target of granted sessions and no flow of the plant. */
  readonly isTarget: (id: string) => boolean;
}

/** The context of whatever policy is the latest, made anew only when that changes. */
export function latestContext(latest: () => Policy | undefined): () => RecordContext {
  let known: Policy | undefined;
  let context = NoContext;
  return () => {
    const policy = latest();
    if (policy !== known) context = policy === undefined ? NoContext : recordContext(policy);
    known = policy;
    return context;
  };
}

function recordContext(policy: Policy): RecordContext {
  const flows = new Map(policy.flows.map((flow) => [flow.id, flow]));
  const targets = new Set(vendorTargets(policy).map(({ id }) => id));
  const zones = new Map(policy.assets.map((asset) => [asset.name, asset.zone]));
  return {
    policyVersion: policy.version,
    flow: (id) => flows.get(id),
    zoneOf: (asset) => zones.get(asset) ?? '',
    isTarget: (id) => targets.has(id),
  };
}

/** The evidence record of an ended connection. */
export function connectionRecord(closed: ClosedConnection, context: RecordContext): ConnectionRecord {
  return {
    kind: 'connection',
    id: closed.id,
    conduit: closed.conduit,
    flow: closed.flowId,
    client: party(closed.clientAsset, closed.client, context),
    server: party(closed.serverAsset, closed.server, context),
    startedAt: closed.startedAt,
    endedAt: closed.endedAt,
    bytesFromClient: closed.bytesFromClient,
    bytesFromServer: closed.bytesFromServer,
    requests: closed.transactions,
    responses: closed.responses,
    refused: closed.refused,
    wouldRefuse: closed.wouldRefuse,
    reason: closed.reason,
    policyVersion: context.policyVersion,
  };
}

/** The evidence record of ended connections that were counted together. */
export function connectionsRecord(sum: ConnectionSum, context: RecordContext): ConnectionsRecord {
  return {
    kind: 'connections',
    firstAt: sum.startedAt,
    lastAt: sum.endedAt,
    count: sum.count,
    conduit: sum.conduit,
    flow: sum.flowId,
    client: party(sum.clientAsset, sum.client, context),
    server: party(sum.serverAsset, sum.server, context),
    bytesFromClient: sum.bytesFromClient,
    bytesFromServer: sum.bytesFromServer,
    requests: sum.transactions,
    responses: sum.responses,
    refused: sum.refused,
    wouldRefuse: sum.wouldRefuse,
    reason: sum.reason,
    policyVersion: context.policyVersion,
    foldedKinds: sum.kinds,
  };
}

/** The evidence record of refusals of one kind. */
export function refusalRecord(report: RefusalReport, context: RecordContext): RefusalRecord {
  const { action, bytes, offset, alternative } = report;
  const request = requestSummary(report);
  return {
    kind: 'refusal',
    firstAt: report.at,
    lastAt: report.lastAt ?? report.at,
    count: report.count,
    conduit: report.conduit,
    flow: report.flowId,
    client: party(report.clientAsset, report.client, context),
    server: party(report.serverAsset, report.server, context),
    ...(request === undefined ? {} : { request }),
    connection: report.connection,
    text: report.text,
    ...(alternative === undefined ? {} : { alternative }),
    exceptionCode: report.exceptionCode,
    ...(action === undefined ? {} : { action }),
    reason: report.reason,
    verdict: report.verdict,
    permission: report.rule,
    file: report.file,
    line: report.line,
    policyVersion: context.policyVersion,
    ...(bytes === undefined ? {} : { message: Uint8Array.from(Buffer.from(bytes, 'hex')) }),
    ...(offset === undefined ? {} : { messageOffset: offset }),
    foldedKinds: report.summed ? 1 : 0,
  };
}

function requestSummary(report: RefusalReport): RequestSummary | undefined {
  const {
    unit,
    functionCode,
    subFunction,
    address,
    quantity,
    values = [],
    before,
    read,
    fileRecord,
  } = report;
  if (unit === undefined || functionCode === undefined) return undefined;
  return {
    unit,
    functionCode,
    values,
    ...(subFunction === undefined ? {} : { subFunction }),
    ...(address === undefined ? {} : { address }),
    ...(quantity === undefined ? {} : { quantity }),
    ...(read === undefined ? {} : { readAddress: read.address, readQuantity: read.quantity }),
    ...(fileRecord === undefined ? {} : recordOf(fileRecord)),
    ...(before === undefined ? {} : { before }),
  };
}

function recordOf({ file, record, length }: NonNullable<RefusalReport['fileRecord']>) {
  return { fileNumber: file, recordNumber: record, recordLength: length };
}

function party(asset: string, peer: Peer, context: RecordContext): Party {
  return { asset, zone: context.zoneOf(asset), address: peer.address, port: peer.port };
}

/** What inspectors tell goes on record also when no policy can be read. */
const NoContext: RecordContext = {
  policyVersion: 0,
  flow: () => undefined,
  zoneOf: () => '',
  isTarget: () => false,
};
