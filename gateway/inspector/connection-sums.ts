import type { ClosedConnection, ConnectionSum, Peer } from '../ipc/reports.ts';
import type { SumRules } from '../sums.ts';

/** One ended connection as a sum. Field by field: of a flood this is done for each. */
export function sumOf(connection: ClosedConnection): ConnectionSum {
  return {
    flow: connection.flow,
    flowId: connection.flowId,
    conduit: connection.conduit,
    client: { address: connection.client.address, port: 0 },
    server: connection.server,
    clientAsset: connection.clientAsset,
    serverAsset: connection.serverAsset,
    startedAt: connection.startedAt,
    endedAt: connection.endedAt,
    reason: connection.reason,
    bytesFromClient: connection.bytesFromClient,
    bytesFromServer: connection.bytesFromServer,
    transactions: connection.transactions,
    refused: connection.refused,
    responses: connection.responses,
    wouldRefuse: connection.wouldRefuse,
    count: 1,
    kinds: 0,
  };
}

/** Of one kind are connections of one flow between the same two, ended for the same reason. */
export const ConnectionSumRules: SumRules<ConnectionSum> = {
  key: ({ flowId, client, server, clientAsset, serverAsset, reason }) =>
    JSON.stringify([flowId, clientAsset, client.address, serverAsset, server.address, server.port, reason]),
  merge: addTo,
  group: ({ reason }) => reason,
  mix: (earlier, later, kinds) => {
    const isSame = (field: 'flowId' | 'reason'): boolean =>
      earlier === undefined || earlier[field] === later[field];
    const { flow, flowId, conduit } = isSame('flowId') ? later : NoFlow;
    return {
      ...(earlier === undefined ? later : addTo(earlier, later)),
      ...{ flow, flowId, conduit, client: Nobody, server: Nobody, clientAsset: '', serverAsset: '' },
      reason: isSame('reason') ? later.reason : '',
      kinds,
    };
  },
};

/** Changes the earlier one, which is nobody else's. */
function addTo(earlier: ConnectionSum, later: ConnectionSum): ConnectionSum {
  earlier.startedAt = Math.min(earlier.startedAt, later.startedAt);
  earlier.endedAt = Math.max(earlier.endedAt, later.endedAt);
  earlier.count += later.count;
  earlier.bytesFromClient += later.bytesFromClient;
  earlier.bytesFromServer += later.bytesFromServer;
  earlier.transactions += later.transactions;
  earlier.refused += later.refused;
  earlier.responses += later.responses;
  earlier.wouldRefuse += later.wouldRefuse;
  return earlier;
}

const NoFlow = { flow: 0, flowId: '', conduit: '' };
const Nobody: Peer = { address: '', port: 0 };
