import { describe } from '../../rules/modbus/describe.ts';
import type { Refusal } from '../../rules/modbus/effect.ts';
import type { Reason } from '../../rules/reason.ts';
import { Reasons } from '../../rules/reason.ts';
import type { OpenConnection, Peer, RefusalReport } from '../ipc/messages.ts';
import type { Permit } from './flow-table.ts';

/** The report of one refused message on a connection. `at` is wall time. */
export function reportRefusal(
  { flow }: Permit,
  connection: OpenConnection,
  refusal: Refusal,
  at: number,
): RefusalReport {
  const { unit, functionCode, address, quantity, values, reason, exceptionCode, permission } = refusal;
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
    unit,
    functionCode,
    ...(address === undefined ? {} : { address }),
    ...(quantity === undefined ? {} : { quantity }),
    ...(values.length === 0 ? {} : { values: [...values] }),
    exceptionCode,
    rule: permission?.name ?? '',
    line: permission?.line ?? flow.source.line,
    text: refusal.from === 'client' ? describe(refusal) : `response to ${describe(refusal)}`,
    count: 1,
  };
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
    line: 0,
    text: `connection refused: ${Reasons[reason].sentence}`,
    count: 1,
  };
}
