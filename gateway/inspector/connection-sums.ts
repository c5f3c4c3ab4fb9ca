import type { ClosedConnection, ConnectionSum, Peer } from '../ipc/reports.ts';
import type { SumRules } from '../sums.ts';

/** One ended connection as a sum. */
export function sumOf({ id: _, client, ...connection }: ClosedConnection): ConnectionSum {
  return { ...connection, client: { ...client, port: 0 }, count: 1, kinds: 0 };
}

/** Of one kind are connections of one flow between the same two, ended for the same reason. */
export const ConnectionSumRules: SumRules<ConnectionSum> = {
  key: ({ flowId, client, server, clientAsset, serverAsset, reason }) =>
    JSON.stringify([flowId, clientAsset, client.address, serverAsset, server.address, server.port, reason]),
  merge: (earlier, later) => ({ ...earlier, ...added(earlier, later) }),
  group: ({ reason }) => reason,
  mix: (earlier, later, kinds) => {
    const isSame = (field: 'flowId' | 'reason'): boolean =>
      earlier === undefined || earlier[field] === later[field];
    const { flow, flowId, conduit } = isSame('flowId') ? later : NoFlow;
    return {
      ...later,
      ...(earlier === undefined ? {} : added(earlier, later)),
      ...{ flow, flowId, conduit, client: Nobody, server: Nobody, clientAsset: '', serverAsset: '' },
      reason: isSame('reason') ? later.reason : '',
      kinds,
    };
  },
};

function added(one: ConnectionSum, other: ConnectionSum) {
  return {
    startedAt: Math.min(one.startedAt, other.startedAt),
    endedAt: Math.max(one.endedAt, other.endedAt),
    count: one.count + other.count,
    bytesFromClient: one.bytesFromClient + other.bytesFromClient,
    bytesFromServer: one.bytesFromServer + other.bytesFromServer,
    transactions: one.transactions + other.transactions,
    refused: one.refused + other.refused,
    responses: one.responses + other.responses,
    wouldRefuse: one.wouldRefuse + other.wouldRefuse,
  };
}

const NoFlow = { flow: 0, flowId: '', conduit: '' };
const Nobody: Peer = { address: '', port: 0 };
