import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Reason } from '../../rules/reason.ts';
import { Reasons } from '../../rules/reason.ts';
import type { MessageCheck } from './channel.ts';

/**
 * Everything the processes say to each other, as schemas; the types are derived from them. Each union is
 * told apart by `kind`. Times are milliseconds since the Unix epoch unless a field says otherwise; counts
 * are exact and never negative. A message with a key that is not listed here is refused.
 */

const Count = Type.Integer({ minimum: 0 });
const Word = Type.Integer({ minimum: 0, maximum: 65535 });
const Time = Type.Number();
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' });
const Problem = Type.String({ maxLength: 4000 });
const Name = Type.String({ maxLength: 256 });
const Shards = Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { maxItems: 256 });
const SerialPorts = Type.Array(record({ port: Name, tty: Name }), { maxItems: 256 });
const MissingPorts = Type.Array(record({ port: Name, problem: Problem }), { maxItems: 256 });
/** Of a process, random at its start, hexadecimal: counters are cumulative within one epoch. */
const Epoch = Type.String({ pattern: '^[0-9a-f]{16}$' });
const ReasonCode = Type.Enum(Object.keys(Reasons) as Reason[]);

/** One end of a TCP connection. The address is empty and the port 0 where many were summed up. */
export const Peer = record({
  address: Type.String({ maxLength: 45 }),
  port: Type.Integer({ minimum: 0, maximum: 65535 }),
});
export type Peer = Static<typeof Peer>;

const connectionFields = {
  /** Unique on this box: epoch of the inspector and a running number. */
  id: Type.String({ minLength: 1, maxLength: 64 }),
  /** Number and id of the flow in the policy it was opened under. */
  flow: Count,
  flowId: Name,
  conduit: Name,
  client: Peer,
  server: Peer,
  /** Names from the model; empty when the flow's endpoint is a whole zone. */
  clientAsset: Name,
  serverAsset: Name,
  startedAt: Time,
};

/** A connection the inspector carries now. */
export const OpenConnection = record(connectionFields);
export type OpenConnection = Static<typeof OpenConnection>;

const progressFields = {
  bytesFromClient: Count,
  bytesFromServer: Count,
  /** Requests decided, whatever the verdict; `refused` of them were not forwarded. */
  transactions: Count,
  refused: Count,
  /** Answers of the server that the client was handed; an exception of ours is none. */
  responses: Count,
};

/** A connection that has ended, and what passed over it: the source of its evidence record. */
export const ClosedConnection = record({
  ...connectionFields,
  ...progressFields,
  wouldRefuse: Count,
  endedAt: Time,
  reason: ReasonCode,
});
export type ClosedConnection = Static<typeof ClosedConnection>;

/** Running totals of an open connection. */
export const ConnectionProgress = record({ id: connectionFields.id, ...progressFields });
export type ConnectionProgress = Static<typeof ConnectionProgress>;

/**
 * Refusals of one kind within one second, decoded. One report for each distinct (flow, connection's
 * client, unit, function code, address, reason); `count` is exact. When a second brings more kinds than
 * are kept apart, the rest of them come as one report per flow and reason with `summed` set and the
 * fields of the request left out.
 */
export const RefusalReport = record({
  at: Time,
  flow: Count,
  flowId: Name,
  conduit: Name,
  /** Connection of the first refusal of this kind. */
  connection: Type.String({ maxLength: 64 }),
  client: Peer,
  server: Peer,
  clientAsset: Name,
  serverAsset: Name,
  /** `would-refuse` passed, because the flow is in its audit stage. */
  verdict: Type.Enum(['refuse', 'would-refuse']),
  reason: ReasonCode,
  summed: Type.Boolean(),
  unit: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  functionCode: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  /** Diagnostics sub-function, MEI type or UMAS function. */
  subFunction: Type.Optional(Word),
  address: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  quantity: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
  /** Values of a write, the first few; coils are 0 and 1. */
  values: Type.Optional(Type.Array(Type.Number(), { maxItems: 125 })),
  /** What the written addresses were last known to hold, as many as are known from the first on. */
  before: Type.Optional(Type.Array(Type.Number(), { maxItems: 125 })),
  /** The read half of function code 23. */
  read: Type.Optional(record({ address: Word, quantity: Word })),
  /** The first file record of function codes 20 and 21 that no permission covers, or the first of all. */
  fileRecord: Type.Optional(record({ file: Word, record: Word, length: Word })),
  /** Exception code answered; 0 when the request was dropped or the connection cut. */
  exceptionCode: Type.Integer({ minimum: 0, maximum: 255 }),
  /** What was done, or would have been; absent for a connection that was not let in. */
  action: Type.Optional(Type.Enum(['exception', 'drop', 'exception-close', 'reset'])),
  /** The permission that came closest, `scada-setpoints/2`, or empty; where it or else the flow is in the model. */
  rule: Name,
  file: Name,
  line: Count,
  /** The first bytes of the message as they came, hexadecimal, and where in its direction's stream they were. */
  bytes: Type.Optional(Type.String({ pattern: '^([0-9a-f]{2}){0,64}$' })),
  offset: Type.Optional(Count),
  /** One line for people: `WRITE holding register 140 = 900 on unit 1`. */
  text: Type.String({ maxLength: 500 }),
  count: Count,
});
export type RefusalReport = Static<typeof RefusalReport>;

/** Added latency of requests: see {@link LatencyBuckets}. */
export const LatencyHistogram = record({
  /** One count per bucket, not cumulative, and one more for what is above the last. */
  bucketCounts: Type.Array(Count, { maxItems: 64 }),
  /** Seconds. */
  sum: Type.Number({ minimum: 0 }),
  count: Count,
});
export type LatencyHistogram = Static<typeof LatencyHistogram>;

/** Verdicts on requests as they are counted; `would-refuse` passed under the audit stage. */
export const CountedVerdict = Type.Enum(['allow', 'refuse', 'would-refuse']);
export type CountedVerdict = Static<typeof CountedVerdict>;

/** What one inspector counted on one flow since its own start. Keyed by the flow's id, which outlives a policy. */
export const FlowCounters = record({
  flowId: Name,
  conduit: Name,
  requests: Type.Array(
    record({
      /** 0 stands for every function code that the flow's profile does not name: bounded labels. */
      functionCode: Type.Integer({ minimum: 0, maximum: 127 }),
      verdict: CountedVerdict,
      count: Count,
    }),
    { maxItems: 512 },
  ),
  refusals: Type.Array(record({ reason: ReasonCode, count: Count }), { maxItems: 128 }),
  /** Responses that were put aside, by why. */
  quarantined: Type.Array(record({ reason: ReasonCode, count: Count }), { maxItems: 128 }),
  /** What passed against the specification, by name: of the conduit's tolerances, or `coil-padding`. */
  tolerated: Type.Array(record({ what: Type.String({ maxLength: 64 }), count: Count }), { maxItems: 64 }),
  bytesFromClient: Count,
  bytesFromServer: Count,
  /** Connections open now. */
  open: Count,
  /** Connections opened since the start. */
  opened: Count,
  latency: LatencyHistogram,
});
export type FlowCounters = Static<typeof FlowCounters>;

/** A listener of the proxy back end: whoever connects there is the asset `as`, and is led to the asset `to`. */
export const ProxyListener = record({
  as: Name,
  to: Name,
  /** Port of the server in the model: the port that flows name. */
  port: Type.Integer({ minimum: 1, maximum: 65535 }),
  /** Where to listen; port 0 takes any free one. */
  listen: Peer,
  /** Where the server really is; the model's address unless the configuration overrides it. */
  server: Peer,
  /** All listeners towards one server asset carry the same shard, so that one inspector sees all of them. */
  shard: Type.Integer({ minimum: 0, maximum: 255 }),
});
export type ProxyListener = Static<typeof ProxyListener>;

export const InspectorToEngine = Type.Union([
  /** First on every connection: who this is, where it already listens and which policy it enforces (or none: empty). */
  record({
    kind: Type.Literal('hello'),
    pid: Count,
    epoch: Epoch,
    shards: Shards,
    policy: Type.Union([Digest, Type.Literal('')]),
  }),
  record({ kind: Type.Literal('prepared'), policy: Digest }),
  record({ kind: Type.Literal('unprepared'), policy: Digest, problem: Problem }),
  record({ kind: Type.Literal('activated'), policy: Digest }),
  /** `bound` names the addresses listened on, in the order of the listeners (proxy) or shards (transparent). */
  record({ kind: Type.Literal('listening'), shards: Shards, bound: Type.Array(Peer, { maxItems: 10000 }) }),
  /** All serial ports that could not be had when they were last asked for; at each change, and after a hello. */
  record({ kind: Type.Literal('serial-ports'), missing: MissingPorts }),
  record({ kind: Type.Literal('not-listening'), shards: Shards, problem: Problem }),
  /** Sent again for every open connection after a reconnect, with the same id. */
  record({ kind: Type.Literal('opened'), connection: OpenConnection }),
  record({ kind: Type.Literal('closed'), connection: ClosedConnection }),
  /** Each second, the connections on which something passed. */
  record({
    kind: Type.Literal('progress'),
    connections: Type.Array(ConnectionProgress, { maxItems: 10000 }),
  }),
  record({ kind: Type.Literal('refusal'), refusal: RefusalReport }),
  /** Each second and before the end, all flows used since the start. `lost`: records that did not fit the queue while nobody read it. */
  record({
    kind: Type.Literal('counters'),
    epoch: Epoch,
    flows: Type.Array(FlowCounters, { maxItems: 20000 }),
    lost: Count,
  }),
  /** Last of all when it was asked to stop: what follows is an end in order and no death. */
  record({ kind: Type.Literal('leaving') }),
]);
export type InspectorToEngine = Static<typeof InspectorToEngine>;

export const EngineToInspector = Type.Union([
  /** The payload bytes of a policy; decode it and keep it beside the active one. */
  record({ kind: Type.Literal('prepare'), digest: Digest, policy: Base64 }),
  record({ kind: Type.Literal('activate'), digest: Digest }),
  record({ kind: Type.Literal('abandon'), digest: Digest }),
  /** Proxy back end only, before `take`. An inspector that is never told carries transparently. */
  record({ kind: Type.Literal('listeners'), listeners: Type.Array(ProxyListener, { maxItems: 10000 }) }),
  /** Which tty each serial port of the model is on this box; every other port is none. */
  record({ kind: Type.Literal('serial'), ports: SerialPorts }),
  /** Listen for these shards too; those already taken stay. */
  record({ kind: Type.Literal('take'), shards: Shards }),
  /** All gated inspected flows that are open now, by id, and until when (0: no end); every other one is shut. */
  record({
    kind: Type.Literal('gates'),
    open: Type.Array(record({ flow: Name, until: Time }), { maxItems: 20000 }),
    /** Whether the clock can be trusted with an end at all; if not, no audit stage holds either. */
    tellsTime: Type.Boolean(),
  }),
]);
export type EngineToInspector = Static<typeof EngineToInspector>;

/** What can be asked of the engine; the bodies of the answers are in `snapshot.ts`. */
export const Question = Type.Enum(['status', 'conduits', 'connections', 'refusals', 'metrics']);
export type Question = Static<typeof Question>;

const Ask = record({ kind: Type.Literal('ask'), id: Count, what: Question });
const Answer = record({ kind: Type.Literal('answer'), id: Count, body: Type.Unknown() });
/** `code` is of gateway/errors.ts or of rules/bundle (`BUNDLE_…`); `sentence` and `remedy` are for people. */
const NoAnswer = record({
  kind: Type.Literal('no-answer'),
  id: Count,
  code: Name,
  sentence: Problem,
  remedy: Problem,
});

export const FrontToEngine = Ask;
export type FrontToEngine = Static<typeof FrontToEngine>;
export const EngineToFront = Type.Union([Answer, NoAnswer]);
export type EngineToFront = Static<typeof EngineToFront>;

/** From the command line over the control socket, which only root and the gateway's own user can open. */
export const ControlToEngine = Type.Union([
  Ask,
  /** A signed bundle, the bytes of its DSSE envelope. */
  record({ kind: Type.Literal('apply'), id: Count, envelope: Base64 }),
]);
export type ControlToEngine = Static<typeof ControlToEngine>;
export const EngineToControl = EngineToFront;
export type EngineToControl = EngineToFront;

/** Checks of what arrives, compiled once; one per direction. */
export const checkInspectorToEngine: MessageCheck<InspectorToEngine> = checkOf(InspectorToEngine);
export const checkEngineToInspector: MessageCheck<EngineToInspector> = checkOf(EngineToInspector);
export const checkFrontToEngine: MessageCheck<FrontToEngine> = checkOf(FrontToEngine);
export const checkEngineToFront: MessageCheck<EngineToFront> = checkOf(EngineToFront);
export const checkControlToEngine: MessageCheck<ControlToEngine> = checkOf(ControlToEngine);
export const checkEngineToControl: MessageCheck<EngineToControl> = checkOf(EngineToControl);

/** Upper bounds of the latency buckets, seconds, shared by inspectors and metrics. */
export const LatencyBuckets = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1,
] as const;

function checkOf<S extends TSchema>(schema: S): MessageCheck<Static<S>> {
  const validator = Compile(schema);
  return (message) => {
    if (validator.Check(message)) return { ok: true, value: message as Static<S> };
    const kind = (message as { readonly kind?: unknown } | null)?.kind;
    const named = typeof kind === 'string' ? ` of kind '${kind.slice(0, 32)}'` : '';
    return { ok: false, problem: `a message${named} that is not of the agreed form` };
  };
}

function record<P extends Parameters<typeof Type.Object>[0]>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}
