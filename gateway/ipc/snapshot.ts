import { type Static, Type } from 'typebox';
import { FlowCounters, OpenConnection, RefusalReport } from './reports.ts';

/**
 * Bodies of the engine's answers, one per question. The schemas serve twice: the API describes its
 * responses with them, and the page is typed by them. Times are milliseconds since the Unix epoch.
 */

const Count = Type.Integer({ minimum: 0 });
const Time = Type.Number();
const Text = Type.String();

export const StatusBody = Type.Object({
  site: Text,
  gateway: Text,
  policyVersion: Count,
  /** SHA-256 of the payload, hexadecimal; empty when nothing is enforced but the default drop. */
  policyDigest: Text,
  /** Release of the compiler that made it. */
  compiledFor: Text,
  notBefore: Time,
  notAfter: Time,
  activatedAt: Time,
  backEnd: Type.Enum(['kernel', 'proxy']),
  mode: Type.Enum(['normal']),
  startedAt: Time,
  now: Time,
  inspectors: Type.Array(
    Type.Object({ pid: Count, shards: Type.Array(Count), spare: Type.Boolean(), since: Time }),
  ),
  nftChild: Type.Enum(['up', 'down', 'none']),
  evidence: Type.Object({
    segment: Count,
    records: Count,
    bytes: Count,
    lagMs: Type.Number({ minimum: 0 }),
    lost: Count,
    /** What is wrong with the disk, or empty. */
    failing: Text,
  }),
  alarms: Type.Array(Type.Object({ code: Text, sentence: Text })),
  lastRejection: Type.Optional(Type.Object({ at: Time, code: Text, message: Text })),
});
export type StatusBody = Static<typeof StatusBody>;

export const FlowBody = Type.Object({
  id: Text,
  protocol: Type.Enum(['tcp', 'udp', 'icmp-echo']),
  /** `502` or `8000-8010, 9000`; empty for ICMP echo. */
  ports: Text,
  sources: Type.Array(Text),
  destinations: Type.Array(Text),
  profile: Text,
  inspected: Type.Boolean(),
  gated: Type.Boolean(),
  open: Type.Boolean(),
  /** From the kernel; 0 in the proxy back end and for inspected flows, whose packets are not forwarded. */
  packets: Count,
  bytes: Count,
  connectionsOpen: Count,
  connectionsTotal: Count,
  transactions: Count,
  refused: Count,
  wouldRefuse: Count,
});
export type FlowBody = Static<typeof FlowBody>;

export const ConduitBody = Type.Object({
  id: Text,
  name: Text,
  from: Text,
  to: Text,
  oneWay: Type.Boolean(),
  flows: Type.Array(FlowBody),
});
export type ConduitBody = Static<typeof ConduitBody>;

export const ConduitsBody = Type.Array(ConduitBody);
export type ConduitsBody = Static<typeof ConduitsBody>;

export const ConnectionBody = Type.Object({
  ...OpenConnection.properties,
  bytesFromClient: Count,
  bytesFromServer: Count,
  transactions: Count,
  refused: Count,
  responses: Count,
});
export type ConnectionBody = Static<typeof ConnectionBody>;

export const ConnectionsBody = Type.Array(ConnectionBody);
export type ConnectionsBody = Static<typeof ConnectionsBody>;

/** Most recent first, at most 200. */
export const RefusalsBody = Type.Array(RefusalReport);
export type RefusalsBody = Static<typeof RefusalsBody>;

/** The policy a bundle brought into force, and the one it came after; version 0 and no digest for none. */
export const AppliedBody = Type.Object({
  version: Count,
  digest: Text,
  formerVersion: Count,
  formerDigest: Text,
});
export type AppliedBody = Static<typeof AppliedBody>;

/** Everything the metrics page renders, as numbers; flow counters are summed over all inspector epochs. */
export const MetricsBody = Type.Object({
  flows: Type.Array(FlowCounters),
  /** Packets and bytes of flows the kernel forwards by itself, by flow id. */
  kernelFlows: Type.Array(Type.Object({ flowId: Text, conduit: Text, packets: Count, bytes: Count })),
  drops: Type.Array(Type.Object({ reason: Text, packets: Count })),
  /** Records the inspectors lost because nobody took them. */
  inspectorLost: Count,
  evidence: StatusBody.properties.evidence,
  policy: Type.Object({ version: Count, digest: Text, activatedAt: Time, notAfter: Time }),
  bundlesRejected: Type.Array(Type.Object({ code: Text, count: Count })),
  processes: Type.Array(
    Type.Object({
      name: Type.Enum(['engine', 'inspector', 'front', 'nft']),
      up: Count,
      /** Lost since the engine started; absent where nobody counts it. */
      restarts: Type.Optional(Count),
    }),
  ),
  backEnd: Type.Enum(['kernel', 'proxy']),
  startedAt: Time,
});
export type MetricsBody = Static<typeof MetricsBody>;
