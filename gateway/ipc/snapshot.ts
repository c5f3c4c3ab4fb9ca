import { type Static, Type } from 'typebox';
import { type Reason, Reasons } from '../../rules/reason.ts';
import { ModeSummary } from './mode-body.ts';
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
  /** Of the policy in force, in its order; `kind` is a word of the zone model, `slT` the security level aimed at. */
  zones: Type.Array(Type.Object({ name: Text, kind: Text, slT: Count })),
  mode: ModeSummary,
  startedAt: Time,
  now: Time,
  inspectors: Type.Array(
    Type.Object({
      pid: Count,
      shards: Type.Array(Count),
      spare: Type.Boolean(),
      since: Time,
      /** How it carries transparent connections, once it has said so. */
      dataPath: Type.Optional(Type.Enum(['epoll', 'streams'])),
    }),
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
  /** The policy in force is yet to be confirmed; at `until` it goes back by itself. */
  pending: Type.Optional(Type.Object({ by: Text, until: Time, toVersion: Count })),
  /** Since the engine's start. `toVersion` is 0 where nothing was in force before; `by` is empty for the gateway itself. */
  lastRollback: Type.Optional(
    Type.Object({ at: Time, version: Count, toVersion: Count, why: Text, by: Text }),
  ),
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

const UseCountBody = Type.Object({ id: Text, since: Time, hits: Count, last: Time });

/** How often what is permitted was used: the form of rules/observation.ts. */
export const ObservationBody = Type.Object({
  site: Text,
  gateway: Text,
  since: Time,
  until: Time,
  blind: Time,
  flows: Type.Array(UseCountBody),
  permissions: Type.Array(UseCountBody),
  vendors: Type.Array(UseCountBody),
  strangers: Type.Array(Type.Object({ address: Text, zone: Text, first: Time, last: Time, packets: Count })),
});
export type ObservationBody = Static<typeof ObservationBody>;

/** Requests that the policy refuses or would refuse, alike in all but what they write; the newest come last. */
export const AuditedBody = Type.Array(
  Type.Object({
    /** The flow that leads there. */
    flow: Text,
    /** Addresses, and the names of assets where they are known: with the proxy back end only those say who it was. */
    client: Text,
    clientAsset: Text,
    server: Text,
    serverAsset: Text,
    port: Count,
    reason: Type.Enum(Object.keys(Reasons) as Reason[]),
    unit: Count,
    functionCode: Count,
    /** -1 where the function has none; so is the address. */
    subFunction: Type.Integer({ minimum: -1 }),
    address: Type.Integer({ minimum: -1 }),
    quantity: Count,
    count: Count,
    firstAt: Time,
    lastAt: Time,
    /** What the first different ones wrote; shorter than `quantity` where not all is known. */
    writes: Type.Array(Type.Array(Type.Number())),
    /** The writes with the lowest and the highest first word, second word, and so on. */
    extremes: Type.Array(Type.Array(Type.Number())),
  }),
);
export type AuditedBody = Static<typeof AuditedBody>;

/** The policy a bundle brought into force, and the one it came after; version 0 and no digest for none. */
export const AppliedBody = Type.Object({
  version: Count,
  digest: Text,
  formerVersion: Count,
  formerDigest: Text,
  /** False after a dry run. */
  inForce: Type.Boolean(),
  /** Milliseconds it is in force unless somebody confirms it; 0: for good. */
  confirmWithin: Count,
  /** Tests of the bundle that were run on this box; `testsLeft` depend on more than this moment tells. */
  testsRun: Count,
  testsLeft: Count,
});
export type AppliedBody = Static<typeof AppliedBody>;

/** What is in force after a confirmation or a rollback, and what was before; version 0 and no digest for none. */
export const SettledBody = Type.Object({
  version: Count,
  digest: Text,
  formerVersion: Count,
  formerDigest: Text,
});
export type SettledBody = Static<typeof SettledBody>;

/** Everything the metrics page renders, as numbers; flow counters are summed over all inspector epochs. */
export const MetricsBody = Type.Object({
  flows: Type.Array(FlowCounters),
  /** Packets and bytes of flows the kernel forwards by itself, by flow id. */
  kernelFlows: Type.Array(Type.Object({ flowId: Text, conduit: Text, packets: Count, bytes: Count })),
  drops: Type.Array(Type.Object({ reason: Text, packets: Count })),
  /** Packets no flow declares that an audit stage let pass. */
  undeclared: Count,
  evidence: StatusBody.properties.evidence,
  policy: Type.Object({ version: Count, digest: Text, activatedAt: Time, notAfter: Time }),
  /** The mode in force, and every one there is. */
  mode: Type.Object({ name: Text, modes: Type.Array(Text), cutFlows: Count }),
  bundlesRejected: Type.Array(Type.Object({ code: Text, count: Count })),
  /** Policies taken back since the engine's start. */
  rollbacks: Count,
  /** Seconds until the policy in force goes back unless it is confirmed; absent when it is. */
  confirmSecondsLeft: Type.Optional(Type.Number({ minimum: 0 })),
  /** How often the kernel's table was found changed by somebody else since the engine's start. */
  tableChanges: Count,
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
  /** Flows the model names essential: silence on one of them is worth a look. */
  essential: Type.Array(Type.Object({ flowId: Text, conduit: Text })),
  /** What holds now, by the code of the alarm. */
  alarms: Type.Array(Type.Object({ code: Text, count: Count })),
  /** The log as evidence: how far it is signed and seen by others, and how full it is of what is never given up. */
  proof: Type.Object({
    size: Count,
    signedSize: Count,
    witnessedSize: Count,
    checkpointAt: Time,
    /** Why nobody may be let in from outside, or empty. */
    broken: Text,
    maxBytes: Count,
    keptPercent: Type.Number({ minimum: 0 }),
  }),
  /** Records that a syslog collector may not have yet; absent where none is named or nothing was handed over so far. */
  syslogBehind: Type.Optional(Count),
  /** Of the file system that holds state and evidence, bytes; 0 where it cannot be told. */
  disk: Type.Object({ bytes: Count, free: Count }),
  grants: Type.Object({
    requested: Count,
    approved: Count,
    open: Type.Array(
      Type.Object({
        grant: Text,
        vendor: Text,
        secondsLeft: Count,
        openFor: Count,
        channels: Count,
        bytesFromClient: Count,
        bytesFromServer: Count,
        writes: Count,
        refused: Count,
        breakGlass: Type.Boolean(),
      }),
    ),
    /** Since the engine's start, and so are those that closed, by cause. */
    opened: Count,
    closed: Type.Array(Type.Object({ cause: Text, count: Count })),
  }),
});
export type MetricsBody = Static<typeof MetricsBody>;
