import { type Static, Type } from 'typebox';
import { Count, Name, Peer, ReasonCode, record, Time } from './reports.ts';

/*
 * What engine and inspector say of a granted session's channel: one connection of a vendor's through a carrier to
 * one target. Times are milliseconds since the Unix epoch unless a field says otherwise.
 */

const Word = Type.Integer({ minimum: 0, maximum: 65_535 });
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', maxLength: 262_144 });

/** Under which terms a channel may be opened, once. */
export const ChannelTerms = record({
  channel: Name,
  grant: Name,
  person: Name,
  /** Id of the vendor's target in the policy. */
  target: Name,
  /** SHA-256 of the token, hexadecimal: who shows the token on the data socket is this channel. */
  token: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Milliseconds the token waits for whoever shows it. */
  patience: Count,
  /** Where the vendor comes from. */
  client: Peer,
  /** Where to dial, where it is not the target's modelled address (proxy back end). */
  dial: Type.Optional(Peer),
  /** Hand every byte over to be recorded, before it is forwarded. */
  recordBytes: Type.Boolean(),
  /** Report every Modbus request, not only writes and refusals. */
  reportReads: Type.Boolean(),
});
export type ChannelTerms = Static<typeof ChannelTerms>;

const about = { channel: Name };

/** A Modbus request as decided, in numbers; the words are made where it is shown. */
const Requested = record({
  unit: Count,
  functionCode: Count,
  subFunction: Type.Optional(Word),
  address: Type.Optional(Word),
  quantity: Type.Optional(Word),
  values: Type.Array(Type.Number(), { maxItems: 125 }),
  before: Type.Optional(Type.Array(Type.Number(), { maxItems: 125 })),
  readAddress: Type.Optional(Word),
  readQuantity: Type.Optional(Word),
  fileNumber: Type.Optional(Word),
  recordNumber: Type.Optional(Word),
  recordLength: Type.Optional(Word),
});

/** What becomes of a channel; `expected` and `opened` come first, `closed` is the last and comes exactly once. */
export const ChannelReport = Type.Union([
  /** The token may be shown at this local socket. */
  record({ what: Type.Literal('expected'), ...about, path: Type.String({ maxLength: 107 }) }),
  /** Connected on both sides. */
  record({ what: Type.Literal('opened'), ...about, at: Time, server: Peer }),
  record({
    what: Type.Literal('bytes'),
    ...about,
    /** Rises by one with each piece of a channel, from 1 on. */
    piece: Count,
    from: Type.Enum(['client', 'server']),
    at: Time,
    data: Base64,
  }),
  /** Each second in which something passed: payload bytes so far, and when the last one came. */
  record({
    what: Type.Literal('progress'),
    ...about,
    bytesFromClient: Count,
    bytesFromServer: Count,
    lastActivity: Time,
  }),
  record({
    what: Type.Literal('operation'),
    ...about,
    at: Time,
    request: Requested,
    write: Type.Boolean(),
    /** `answered`: it was forwarded and the device answered with an exception. */
    outcome: Type.Enum(['passed', 'refused', 'answered']),
    reason: Type.Optional(ReasonCode),
    exceptionCode: Count,
    permission: Name,
    text: Type.String({ maxLength: 1000 }),
  }),
  record({
    what: Type.Literal('closed'),
    ...about,
    at: Time,
    reason: ReasonCode,
    bytesFromClient: Count,
    bytesFromServer: Count,
    requests: Count,
    writes: Count,
    refused: Count,
    /** Last piece that was handed over to be recorded. */
    pieces: Count,
  }),
]);
export type ChannelReport = Static<typeof ChannelReport>;
