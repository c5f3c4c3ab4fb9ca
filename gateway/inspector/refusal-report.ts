import type { Permit } from '../../rules/admission/flow-table.ts';
import type { Refusal } from '../../rules/modbus/connection/effect.ts';
import { HeaderBytes } from '../../rules/modbus/connection/framer.ts';
import type { DeviceState } from '../../rules/modbus/device/device-state.ts';
import { wordAt } from '../../rules/modbus/message/adu.ts';
import { describeRefusal } from '../../rules/modbus/text/describe.ts';
import { alternativeTo } from '../../rules/modbus/text/describe-alternative.ts';
import type { Reason } from '../../rules/reason.ts';
import { Reasons } from '../../rules/reason.ts';
import type { OpenConnection, Peer, RefusalReport } from '../ipc/reports.ts';

/** The report of one refused message on a connection. `at` is wall time. */
export function reportRefusal(
  permit: Permit,
  connection: OpenConnection,
  refusal: Refusal,
  at: number,
): RefusalReport {
  const { flow } = permit;
  const { reason, exceptionCode, permission, action, bytes, offset } = refusal;
  const { id, client, server, clientAsset, serverAsset } = connection;
  return {
    at,
    flow: flow.number,
    flowId: flow.id,
    conduit: flow.conduit,
    connection: id,
    client,
    server,
    clientAsset,
    serverAsset,
    verdict: refusal.audit ? 'would-refuse' : 'refuse',
    reason,
    summed: false,
    ...requestOf(refusal),
    exceptionCode,
    action,
    rule: permission?.id ?? '',
    file: flow.source.file,
    line: permission?.line ?? flow.source.line,
    ...(bytes.length === 0 ? {} : { bytes: Buffer.from(bytes).toString('hex'), offset }),
    text: textOf(permit, refusal).slice(0, MaxText),
    count: 1,
  };
}

/**
 * The nearest thing that would have been permitted, while the server's state is still what the request was judged
 * by. Nothing for what passed in an audit stage, which has changed that state, and for a message longer than a
 * refusal keeps.
 */
export function alternativeOf(
  { profile }: Permit,
  { from, audit, bytes, at }: Refusal,
  device: DeviceState,
): string | undefined {
  if (from !== 'client' || audit || bytes.length < HeaderBytes) return undefined;
  if (bytes.length < HeaderBytes + wordAt(bytes, LengthOffset)) return undefined;
  return alternativeTo(bytes, profile, device, at)?.text.slice(0, MaxText);
}

/** What could be decoded; nothing of what could not even be framed. */
function requestOf(refusal: Refusal): Partial<RefusalReport> {
  const { unit, functionCode, subFunction, address, quantity, values, before, read, file } = refusal;
  if (functionCode === 0) return {};
  return {
    unit,
    functionCode,
    ...(subFunction === undefined ? {} : { subFunction }),
    ...(address === undefined ? {} : { address }),
    ...(quantity === undefined ? {} : { quantity }),
    ...(values.length === 0 ? {} : { values: [...values] }),
    ...(before.length === 0 ? {} : { before: [...before] }),
    ...(read === undefined ? {} : { read }),
    ...(file === undefined ? {} : { fileRecord: file }),
  };
}

function textOf({ profile, device }: Permit, refusal: Refusal): string {
  const permission = profile.permissions.find(({ id }) => id === refusal.permission?.id);
  return describeRefusal(refusal, { permission, device: device.kind });
}

/** The report of a connection that was not let in. The permit is of the flow that came closest, if any. */
export function reportRefusedConnection(
  permit: Permit | undefined,
  ends: { readonly client: Peer; readonly server: Peer },
  reason: Reason,
  at: number,
): RefusalReport {
  return {
    at,
    flow: permit?.flow.number ?? 0,
    flowId: permit?.flow.id ?? '',
    conduit: permit?.flow.conduit ?? '',
    connection: '',
    client: ends.client,
    server: ends.server,
    clientAsset: permit?.clientAsset ?? '',
    serverAsset: permit?.serverAsset ?? '',
    verdict: 'refuse',
    reason,
    summed: false,
    exceptionCode: 0,
    rule: '',
    file: permit?.flow.source.file ?? '',
    line: permit?.flow.source.line ?? 0,
    text: `connection refused: ${Reasons[reason].sentence}`,
    count: 1,
  };
}

const LengthOffset = 4;
const MaxText = 500;
