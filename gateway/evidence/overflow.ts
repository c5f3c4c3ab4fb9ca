import type {
  ConnectionRecord,
  ConnectionsRecord,
  EvidenceRecord,
  Party,
} from '../../rules/record/record.ts';
import { createSums, type SumRules } from '../sums.ts';
import { DropRules } from './drop-fold.ts';
import { RefusalRules } from './refusal-fold.ts';

/** What the plant does all day and the disk is too slow for, counted together: exact, and of bounded size. */
export interface Overflow {
  /** False for what must stay a record of its own. */
  readonly add: (record: EvidenceRecord) => boolean;
  /** What was counted since the last call. */
  readonly take: () => readonly EvidenceRecord[];
  readonly isEmpty: () => boolean;
}

/** Kinds that are kept apart, of connections, of refusals and of drops. */
export const OverflowKinds = 256;

export function createOverflow(): Overflow {
  const connections = createSums(ConnectionRules, OverflowKinds);
  const refusals = createSums(RefusalRules, OverflowKinds);
  const drops = createSums(DropRules, OverflowKinds);
  const all = [connections, refusals, drops];

  function add(record: EvidenceRecord): boolean {
    switch (record.kind) {
      case 'connection':
        connections.add(asConnections(record));
        return true;
      case 'connections':
        connections.add(record);
        return true;
      case 'refusal':
        refusals.add(record);
        return true;
      case 'drop':
        drops.add(record);
        return true;
      case 'act':
      case 'operation':
      case 'chunk':
        return false;
    }
  }

  return {
    add,
    take: () => all.flatMap<EvidenceRecord>((sums) => sums.take()),
    isEmpty: () => all.every((sums) => sums.isEmpty()),
  };
}

function asConnections({
  id: _,
  startedAt,
  endedAt,
  requests,
  ...rest
}: ConnectionRecord): ConnectionsRecord {
  const client = { ...rest.client, port: 0 };
  return {
    ...rest,
    kind: 'connections',
    client,
    requests,
    firstAt: startedAt,
    lastAt: endedAt,
    count: 1,
    foldedKinds: 0,
  };
}

const ConnectionRules: SumRules<ConnectionsRecord> = {
  key: ({ flow, client, server, reason, policyVersion, foldedKinds }) =>
    JSON.stringify([flow, partyKey(client), partyKey(server), reason, policyVersion, foldedKinds > 0]),
  merge: (earlier, later) => ({ ...earlier, ...added(earlier, later) }),
  group: ({ reason }) => reason,
  mix: (earlier, later, kinds) => {
    const same = (field: 'conduit' | 'flow' | 'reason'): string =>
      earlier === undefined || earlier[field] === later[field] ? later[field] : '';
    return {
      ...later,
      ...(earlier === undefined ? {} : added(earlier, later)),
      conduit: same('conduit'),
      flow: same('flow'),
      reason: same('reason'),
      client: Several,
      server: Several,
      foldedKinds: kinds,
    };
  },
};

/** Assets by name, and what the model does not know by its address. */
function partyKey({ asset, address }: Party): string {
  return asset === '' ? address : `${asset} ${address}`;
}

function added(one: ConnectionsRecord, other: ConnectionsRecord) {
  return {
    firstAt: Math.min(one.firstAt, other.firstAt),
    lastAt: Math.max(one.lastAt, other.lastAt),
    count: one.count + other.count,
    bytesFromClient: one.bytesFromClient + other.bytesFromClient,
    bytesFromServer: one.bytesFromServer + other.bytesFromServer,
    requests: one.requests + other.requests,
    responses: one.responses + other.responses,
    refused: one.refused + other.refused,
    wouldRefuse: one.wouldRefuse + other.wouldRefuse,
    foldedKinds: Math.max(one.foldedKinds, other.foldedKinds),
  };
}

const Several: Party = { asset: '', zone: '', address: '', port: 0 };
