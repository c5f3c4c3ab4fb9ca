import { type Static, type TSchema, Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { MaxBatch, MaxUsedCounts } from './bounds.ts';
import { Call } from './calls.ts';
import { CarriersNow, PageIdentity } from './carriers-body.ts';
import { checkBy, type MessageCheck } from './channel.ts';
import { ChannelReport, ChannelTerms } from './channel-body.ts';
import { LifeAct } from './life-body.ts';
import {
  ClosedConnection,
  ConnectionProgress,
  ConnectionSum,
  Count,
  FlowCounters,
  Name,
  OpenConnection,
  Peer,
  ProxyListener,
  ReasonCode,
  RefusalReport,
  record,
  Time,
  ToldTotals,
  UsedCount,
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
    /** It counts in a file of its epoch's name, see counter-file.ts. */
    countsInFile: Type.Boolean(),
    /** What it told for the record on connections before this one. */
    told: ToldTotals,
  }),
  record({ kind: Type.Literal('prepared'), policy: Digest }),
  record({ kind: Type.Literal('unprepared'), policy: Digest, problem: Problem }),
  record({ kind: Type.Literal('activated'), policy: Digest }),
  /** The mode of this generation holds on every connection; `problem` says why nothing passes instead, or is empty. */
  record({ kind: Type.Literal('mode-set'), generation: Count, problem: Problem }),
  /** `bound` names the addresses listened on, in the order of the listeners (proxy) or shards (transparent). */
  record({ kind: Type.Literal('listening'), shards: Shards, bound: Type.Array(Peer, { maxItems: 10000 }) }),
  /** How it carries transparent connections from now on; under `auto` the problem is why it is not by epoll, or empty. */
  record({ kind: Type.Literal('carries-by'), path: Type.Enum(['epoll', 'streams']), problem: Problem }),
  /** All serial ports that could not be had when they were last asked for; at each change, and after a hello. */
  record({ kind: Type.Literal('serial-ports'), missing: MissingPorts }),
  record({ kind: Type.Literal('not-listening'), shards: Shards, problem: Problem }),
  /**
   * What was opened and what has ended, gathered over some milliseconds. One that is opened and ends within that time
   * is only told as ended. After a reconnect every open one is told again, with the same id.
   */
  record({
    kind: Type.Literal('connections'),
    opened: Type.Array(OpenConnection, { maxItems: MaxBatch }),
    closed: Type.Array(ClosedConnection, { maxItems: MaxBatch }),
    /** Ended as well, by id: told as opened, and counted in sums. */
    summed: Type.Array(OpenConnection.properties.id, { maxItems: MaxBatch }),
    sums: Type.Array(ConnectionSum, { maxItems: 1000 }),
  }),
  /** Each second, the connections on which something passed. */
  record({
    kind: Type.Literal('progress'),
    connections: Type.Array(ConnectionProgress, { maxItems: 10000 }),
  }),
  record({ kind: Type.Literal('refusals'), refusals: Type.Array(RefusalReport, { maxItems: MaxBatch }) }),
  /** Each second and before the end, all flows used since the start. */
  record({
    kind: Type.Literal('counters'),
    epoch: Epoch,
    flows: Type.Array(FlowCounters, { maxItems: 20000 }),
  }),
  /** The same, where all of it stands in the file of this process's counts (counter-file.ts). */
  record({ kind: Type.Literal('counted') }),
  /**
   * Every few seconds, before another policy and before the end: how often what this policy permits was used since
   * the start. In several messages where it is much; counts of a flow or permission stand in one of them.
   */
  record({
    kind: Type.Literal('used'),
    epoch: Epoch,
    policy: Type.Union([Digest, Type.Literal('')]),
    flows: Type.Array(UsedCount, { maxItems: MaxUsedCounts }),
    permissions: Type.Array(UsedCount, { maxItems: MaxUsedCounts }),
  }),
  /** Of a granted session's channel. */
  record({ kind: Type.Literal('channel'), report: ChannelReport }),
  /** Every 250 ms, whatever else there is to say. */
  record({ kind: Type.Literal('alive') }),
  /** Last of all when it was asked to stop: what follows is an end in order and no death. */
  record({ kind: Type.Literal('leaving') }),
]);
export type InspectorToEngine = Static<typeof InspectorToEngine>;

export const EngineToInspector = Type.Union([
  /** The payload bytes of a policy; decode it and keep it beside the active one. */
  record({ kind: Type.Literal('prepare'), digest: Digest, policy: Base64 }),
  record({ kind: Type.Literal('activate'), digest: Digest }),
  record({ kind: Type.Literal('abandon'), digest: Digest }),
  /** No policy is in force any more: nothing is permitted, and what is open is cut. */
  record({ kind: Type.Literal('withdraw') }),
  /** Proxy back end only, before `take`. An inspector that is never told carries transparently. */
  record({ kind: Type.Literal('listeners'), listeners: Type.Array(ProxyListener, { maxItems: 10000 }) }),
  /** Kernel back end only, before `take`: how to carry transparent connections. A process stays with what it has begun. */
  record({ kind: Type.Literal('carry-by'), path: Type.Enum(['auto', 'epoll', 'streams']) }),
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
  /** The mode in force, and the flows that its recovery has opened again, by id. Under any policy, until told otherwise. */
  record({
    kind: Type.Literal('mode'),
    /** Rises with each change. */
    generation: Count,
    mode: Name,
    reopened: Type.Array(Name, { maxItems: 20000 }),
  }),
  /** The file of this process's counts cannot be read: they are to be sent from now on. */
  record({ kind: Type.Literal('send-counters') }),
  /** A vendor may come over the carriers' data socket with this token, once, within seconds. */
  record({ kind: Type.Literal('expect-channel'), terms: ChannelTerms }),
  /** These channels end now: both sides are reset, nothing that was read is forwarded any more. */
  record({
    kind: Type.Literal('end-channels'),
    channels: Type.Array(Name, { maxItems: 10000 }),
    reason: ReasonCode,
  }),
  /** What was recorded of a channel, up to this piece, is on disk. */
  record({ kind: Type.Literal('recorded'), channel: Name, upTo: Count }),
  /** This other inspector is frozen and is to be killed, so that it is started again. The engine may signal to none. */
  record({ kind: Type.Literal('end-process'), pid: Type.Integer({ minimum: 2 }) }),
]);
export type EngineToInspector = Static<typeof EngineToInspector>;

/** What can be asked of the engine; the bodies of the answers are in `snapshot.ts`. */
export const Question = Type.Enum([
  'status',
  'conduits',
  'connections',
  'refusals',
  'metrics',
  'observation',
  'audited',
  'mode',
  'exercise',
]);
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

/** From people, through the front. `session` is the secret of their sign-in, or empty; `source` is where they are. */
const FrontCall = record({
  kind: Type.Literal('call'),
  id: Count,
  session: Type.String({ maxLength: 128 }),
  source: Peer,
  /** False where a page asks by itself: a screen nobody sits at keeps no sign-in alive (62443-3-3 SR 2.5, SR 2.6). */
  attended: Type.Boolean(),
  call: Call,
});

export const FrontToEngine = Type.Union([Ask, FrontCall]);
export type FrontToEngine = Static<typeof FrontToEngine>;

export const EngineToFront = Type.Union([Answer, NoAnswer, CarriersNow, PageIdentity]);
export type EngineToFront = Static<typeof EngineToFront>;

/** Who says it, as far as the command line was told; empty when it was not. The kernel says who runs it. */
const Person = Type.String({
  pattern: '^[^\\x00-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069]{0,64}$',
});
/** What somebody says of it, one line. */
const Said = Type.String({
  pattern: '^[^\\x00-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069]{0,1000}$',
});
/** A day. Milliseconds. */
export const LongestPace = 86_400_000;
/** A day. Milliseconds. */
export const LongestConfirmWindow = 86_400_000;

/** From the command line over the control socket, which only root and the gateway's own user can open. */
export const ControlToEngine = Type.Union([
  Ask,
  record({
    kind: Type.Literal('apply'),
    id: Count,
    /** A signed bundle, the bytes of its DSSE envelope. */
    envelope: Base64,
    by: Person,
    /** Milliseconds until it is taken back unless it is confirmed; 0 confirms it at once. */
    confirmWithin: Type.Integer({ minimum: 0, maximum: LongestConfirmWindow }),
    /** Only tries it and changes nothing. */
    dryRun: Type.Boolean(),
  }),
  /** `normal` leaves the mode in force in the order it states, or takes the next step of that. */
  record({
    kind: Type.Literal('mode'),
    id: Count,
    by: Person,
    mode: Name,
    why: Said,
    /** Milliseconds from one step of recovery to the next, or each by a person's word. */
    pace: Type.Union([Type.Integer({ minimum: 0, maximum: LongestPace }), Type.Literal('confirm')]),
  }),
  /** An exercise, or an incident that is kept in the same way. */
  record({
    kind: Type.Literal('exercise'),
    id: Count,
    by: Person,
    act: Type.Union([
      record({
        what: Type.Literal('start'),
        occasion: Type.Enum(['exercise', 'incident']),
        /** Empty only for an incident that switches nothing. */
        mode: Name,
        /** Switches nothing. */
        dry: Type.Boolean(),
        scenario: Said,
        participants: Type.Array(Person, { maxItems: 100 }),
        /** When it became known, if not now. */
        since: Type.Optional(Time),
      }),
      record({ what: Type.Enum(['decision', 'finding']), text: Said }),
      record({ what: Type.Literal('end') }),
    ]),
  }),
  /** At the console: no sign-in, the person is who the kernel saw, and every such act is told apart in evidence. */
  record({ kind: Type.Literal('call'), id: Count, by: Person, call: Call }),
  /** What becomes of another release. Said from one release to the next: nothing is ever added here or taken away. */
  record({
    kind: Type.Literal('software'),
    id: Count,
    by: Person,
    what: Type.Enum(['began', 'kept', 'returned', 'refused']),
    from: Name,
    to: Name,
    digest: Type.Union([Digest, Type.Literal('')]),
    signer: Type.String({ maxLength: 256 }),
    why: Said,
  }),
  record({ kind: Type.Literal('life'), id: Count, by: Person, act: LifeAct }),
  record({ kind: Type.Literal('confirm'), id: Count, by: Person }),
  record({ kind: Type.Literal('rollback'), id: Count, by: Person }),
]);
export type ControlToEngine = Static<typeof ControlToEngine>;
export const EngineToControl = Type.Union([Answer, NoAnswer]);
export type EngineToControl = Static<typeof EngineToControl>;

/**
 * Checks of what arrives, compiled when the first does; one per direction. The inspectors' is in inspector-check.ts.
 */
export const checkInspectorToEngine: MessageCheck<InspectorToEngine> = checkOf(InspectorToEngine);
export const checkFrontToEngine: MessageCheck<FrontToEngine> = checkOf(FrontToEngine);
export const checkEngineToFront: MessageCheck<EngineToFront> = checkOf(EngineToFront);
export const checkControlToEngine: MessageCheck<ControlToEngine> = checkOf(ControlToEngine);
export const checkEngineToControl: MessageCheck<EngineToControl> = checkOf(EngineToControl);

function checkOf<S extends TSchema>(schema: S): MessageCheck<Static<S>> {
  let validator: Validator | undefined;
  return checkBy((message) => {
    validator ??= Compile(schema);
    return validator.Check(message);
  });
}
