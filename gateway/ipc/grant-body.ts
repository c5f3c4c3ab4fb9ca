import { type Static, Type } from 'typebox';
import { type Reason, Reasons } from '../../rules/reason.ts';

/*
 * What the engine tells of granted sessions. Times are milliseconds since the Unix epoch, durations milliseconds.
 */

const Count = Type.Integer({ minimum: 0 });
const Time = Type.Number();
const Text = Type.String();

export const Carriers = ['tls', 'ssh', 'pinhole', 'wireguard'] as const;
export type Carrier = (typeof Carriers)[number];
export const CarrierName = Type.Enum([...Carriers]);

/** One thing a vendor may ask for: a target of the model, or a flow that a grant opens. */
export const OfferedTarget = Type.Object({
  /** `pumpco/plc-dosing.502`, or the flow `C-04/F-01`. */
  id: Text,
  asset: Text,
  zone: Text,
  port: Count,
  /** Modbus profile its bytes are held to; empty where they are only recorded. */
  profile: Text,
  /** Opened as a pinhole: everybody behind the flow's sources gets through. */
  pinhole: Type.Boolean(),
});
export const OfferBody = Type.Array(
  Type.Object({
    vendor: Text,
    company: Text,
    targets: Type.Array(OfferedTarget),
    carriers: Type.Array(CarrierName),
    maxDuration: Count,
    idle: Count,
    /** In words, `Mon–Fri 07:00–16:00 Europe/Stockholm`; empty is any time. */
    window: Text,
    contractEnds: Time,
    approval: Type.Object({ role: Text, second: Text }),
    /** Why nothing can be asked for now, as sentences. */
    obstacles: Type.Array(Text),
  }),
);
export type OfferBody = Static<typeof OfferBody>;

export const GrantState = Type.Enum(['requested', 'approved', 'open', 'closed', 'refused']);
export type GrantState = Static<typeof GrantState>;

export const ApprovalBody = Type.Object({
  by: Text,
  role: Text,
  at: Time,
  means: Type.Enum(['passkey', 'totp', 'break-glass']),
  weak: Type.Boolean(),
});

/** A condition that holds a grant open (or keeps it from opening), and whether it holds. */
export const ConditionBody = Type.Object({
  /** `account`, `factor`, `approval`, `window`, `mode`, `key-switch`, `evidence`, `clock`, `policy`. */
  what: Text,
  holds: Type.Boolean(),
  sentence: Text,
});

export const ChannelBody = Type.Object({
  id: Text,
  target: Text,
  carrier: CarrierName,
  /** Where it came from, `198.51.100.7:40312`. */
  source: Text,
  since: Time,
  bytesFromClient: Count,
  bytesFromServer: Count,
  /** Last payload byte in either direction. */
  lastActivity: Time,
  writes: Count,
  refused: Count,
});
export type ChannelBody = Static<typeof ChannelBody>;

export const GrantBody = Type.Object({
  id: Text,
  /** Hexadecimal SHA-256 of the request, and its short form for reading aloud, `7F3K-92QD`. */
  digest: Text,
  code: Text,
  state: GrantState,
  vendor: Text,
  company: Text,
  person: Text,
  fullName: Text,
  targets: Type.Array(OfferedTarget),
  carrier: CarrierName,
  /** Known by its address alone. */
  weak: Type.Boolean(),
  reason: Text,
  ticket: Text,
  length: Count,
  requestedAt: Time,
  /** A request nobody answers ends by itself. */
  requestEndsAt: Time,
  /** Duties that still have to approve; the first may be given by any holder who is not the requester. */
  missing: Type.Array(Text),
  approvals: Type.Array(ApprovalBody),
  /** An extension asked for and not approved yet, milliseconds; 0 is none. */
  extension: Count,
  openedAt: Time,
  endsAt: Time,
  secondsLeft: Count,
  /** Milliseconds without payload after which it ends, and how many are left; 0 where there is no such limit. */
  idle: Count,
  idleLeft: Count,
  /** What is about to end it, in words, or empty. */
  warning: Text,
  conditions: Type.Array(ConditionBody),
  channels: Type.Array(ChannelBody),
  bytesFromClient: Count,
  bytesFromServer: Count,
  writes: Count,
  refused: Count,
  lastActivity: Time,
  closedAt: Time,
  /** Empty while it is not closed. */
  cause: Type.Union([Type.Enum(Object.keys(Reasons) as Reason[]), Type.Literal('')]),
  closedBy: Text,
  why: Text,
  breakGlass: Type.Boolean(),
  /** A receipt can be had. */
  receipt: Type.Boolean(),
});
export type GrantBody = Static<typeof GrantBody>;
/** Open ones first, then requests, then the latest that ended; at most 200. */
export const GrantsBody = Type.Array(GrantBody);
export type GrantsBody = Static<typeof GrantsBody>;

/** What was done in granted sessions, in the plant's words; newest last. */
export const OperationBody = Type.Object({
  /** Rises with each; ask on from the last. */
  number: Count,
  at: Time,
  grant: Text,
  channel: Text,
  person: Text,
  target: Text,
  text: Text,
  outcome: Type.Enum(['passed', 'refused', 'answered']),
  reason: Text,
  /** Reads are shown and not kept. */
  write: Type.Boolean(),
});
export type OperationBody = Static<typeof OperationBody>;
export const OperationsBody = Type.Array(OperationBody);
export type OperationsBody = Static<typeof OperationsBody>;

/** Told to the vendor, once: what the carrier is used with. PEM texts; empty for SSH but `authority`. */
export const CredentialsBody = Type.Object({
  certificate: Text,
  key: Text,
  /** The box's own authority: the certificate that the carrier's server shows is of it. For SSH the host key line. */
  authority: Text,
  host: Text,
  port: Count,
  until: Time,
  /** Lines to copy, for each way to connect. */
  lines: Type.Array(Type.Object({ system: Text, title: Text, text: Text })),
});
export type CredentialsBody = Static<typeof CredentialsBody>;

/** The receipt as it is signed (JSON) and its signature; `verify` is the command that checks it. */
export const ReceiptBody = Type.Object({ text: Text, signature: Text, publicKey: Text, verify: Text });
export type ReceiptBody = Static<typeof ReceiptBody>;

export const EvidenceBody = Type.Object({
  /** The newest checkpoint: three lines and signatures, C2SP tlog-checkpoint; empty before the first. */
  checkpoint: Text,
  origin: Text,
  size: Count,
  /** When it was made. */
  at: Time,
  /** Records up to here have been cosigned by somebody else. */
  witnessedSize: Count,
  witnesses: Type.Array(Type.Object({ name: Text, size: Count, at: Time })),
  /** SVG of the checkpoint for an auditor's camera. */
  qr: Text,
  publicKey: Text,
  bytes: Count,
  maxBytes: Count,
  /** Why vendors cannot be let in, or empty. */
  broken: Text,
});
export type EvidenceBody = Static<typeof EvidenceBody>;

/** For a carrier in the front: where the data socket is and what opens it, once, within seconds. */
export const ChannelOfferBody = Type.Object({ channel: Text, path: Text, token: Text });
export type ChannelOfferBody = Static<typeof ChannelOfferBody>;

/** What an SSH client may reach after signing in: host and port of each target of the person's open grants. */
export const CarrierGrantsBody = Type.Array(
  Type.Object({
    grant: Text,
    targets: Type.Array(Type.Object({ id: Text, asset: Text, addresses: Type.Array(Text), port: Count })),
  }),
);
export type CarrierGrantsBody = Static<typeof CarrierGrantsBody>;
