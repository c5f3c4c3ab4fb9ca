import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { MessageCheck } from './channel.ts';
import {
  ClosedConnection,
  ConnectionProgress,
  Count,
  FlowCounters,
  Name,
  OpenConnection,
  Peer,
  ProxyListener,
  RefusalReport,
  record,
  Time,
} from './reports.ts';

/**
 * Everything the processes say to each other, as schemas; the types are derived from them. Each union is
 * told apart by `kind`. Times are milliseconds since the Unix epoch unless a field says otherwise; counts
 * are exact and never negative. A message with a key that is not listed here is refused.
 */

const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' });
const Problem = Type.String({ maxLength: 4000 });
const Shards = Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { maxItems: 256 });
const SerialPorts = Type.Array(record({ port: Name, tty: Name }), { maxItems: 256 });
const MissingPorts = Type.Array(record({ port: Name, problem: Problem }), { maxItems: 256 });
/** Of a process, random at its start, hexadecimal: counters are cumulative within one epoch. */
const Epoch = Type.String({ pattern: '^[0-9a-f]{16}$' });

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

function checkOf<S extends TSchema>(schema: S): MessageCheck<Static<S>> {
  const validator = Compile(schema);
  return (message) => {
    if (validator.Check(message)) return { ok: true, value: message as Static<S> };
    const kind = (message as { readonly kind?: unknown } | null)?.kind;
    const named = typeof kind === 'string' ? ` of kind '${kind.slice(0, 32)}'` : '';
    return { ok: false, problem: `a message${named} that is not of the agreed form` };
  };
}
