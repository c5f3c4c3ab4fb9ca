import { type Static, type TObject, type TSchema, Type } from 'typebox';
import {
  AccountBody,
  AccountsBody,
  InvitationBody,
  MeBody,
  PasskeyOptionsBody,
  RecoveryCodesBody,
  ResetBody,
  RoleName,
  SignedInBody,
  SignInsBody,
  TotpBody,
  WelcomeBody,
} from './account-body.ts';
import {
  CarrierGrantsBody,
  CarrierName,
  ChannelOfferBody,
  CredentialsBody,
  EvidenceBody,
  GrantBody,
  GrantsBody,
  OfferBody,
  OperationsBody,
  ReceiptBody,
} from './grant-body.ts';
import { SwitchedBody } from './mode-body.ts';
import { Count, Name, record } from './reports.ts';

/*
 * What people ask the engine for, each call with its body. The front only carries them: who asks is told by the
 * session's secret, and the engine alone decides whether they may (62443-3-3 SR 2.1).
 */

/** One line of text for people, without what could rewrite a terminal or a page. */
const line = (maxLength: number, minLength = 0) =>
  Type.String({
    minLength,
    maxLength,
    pattern: '^[^\\x00-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069]*$',
  });
const AccountName = Type.String({ pattern: '^[a-z0-9][a-z0-9._@-]{0,63}$' });
/** As typed, whatever it is; bounded, because hashing it costs. */
const TypedName = Type.String({ maxLength: 128 });
const Password = Type.String({ maxLength: 1024 });
const Code = Type.String({ maxLength: 64 });
/** JSON of the browser's answer. */
const PasskeyResponse = Type.String({ maxLength: 16_384 });
const GrantId = Type.String({ pattern: '^G-[A-Z0-9]{4,16}$' });
const Digest = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Secret = Type.String({ pattern: '^[A-Za-z0-9_-]{16,128}$' });
const Why = line(1000);

/** A second factor, as it was given. */
export const Second = Type.Union([
  record({ kind: Type.Literal('none') }),
  record({ kind: Type.Enum(['totp', 'recovery']), code: Code }),
  record({ kind: Type.Literal('passkey'), response: PasskeyResponse }),
]);
export type Second = Static<typeof Second>;

const Nothing = Type.Object({});

/** Every call: what it carries and what it answers. */
export const Calls = {
  welcome: { asks: {}, answers: WelcomeBody },
  'sign-in-options': { asks: { name: TypedName }, answers: PasskeyOptionsBody },
  'sign-in': { asks: { name: TypedName, password: Password, second: Second }, answers: SignedInBody },
  'accept-invitation': { asks: { name: TypedName, code: Code, password: Password }, answers: SignedInBody },
  'sign-out': { asks: {}, answers: Nothing },
  me: { asks: {}, answers: MeBody },
  lock: { asks: {}, answers: Nothing },
  unlock: { asks: { password: Password }, answers: MeBody },
  /** A fresh second factor for what wants one. */
  'prove-factor': { asks: { second: Second }, answers: MeBody },
  'totp-begin': { asks: {}, answers: TotpBody },
  'totp-finish': { asks: { code: Code, label: line(64) }, answers: RecoveryCodesBody },
  'passkey-begin': { asks: {}, answers: PasskeyOptionsBody },
  'passkey-finish': { asks: { response: PasskeyResponse, label: line(64) }, answers: RecoveryCodesBody },
  'factor-remove': { asks: { factor: Name, second: Second }, answers: MeBody },
  'recovery-codes': { asks: { second: Second }, answers: RecoveryCodesBody },
  'change-password': { asks: { old: Password, password: Password }, answers: MeBody },
  accounts: { asks: {}, answers: AccountsBody },
  'account-add': {
    asks: {
      name: AccountName,
      fullName: line(128, 1),
      roles: Type.Array(RoleName, { minItems: 1, maxItems: 7 }),
      duties: Type.Array(line(64, 1), { maxItems: 16 }),
      vendor: line(64),
      endsAt: Count,
    },
    answers: InvitationBody,
  },
  'account-set': {
    asks: {
      name: AccountName,
      fullName: Type.Optional(line(128, 1)),
      roles: Type.Optional(Type.Array(RoleName, { minItems: 1, maxItems: 7 })),
      duties: Type.Optional(Type.Array(line(64, 1), { maxItems: 16 })),
      endsAt: Type.Optional(Count),
      disabled: Type.Optional(Type.Boolean()),
    },
    answers: AccountBody,
  },
  'account-reset': { asks: { name: AccountName, why: Why }, answers: ResetBody },
  /** Ends a lock-out before its time. */
  'account-unlock': { asks: { name: AccountName }, answers: AccountBody },
  'sign-ins': { asks: {}, answers: SignInsBody },
  'sign-in-end': { asks: { session: Name }, answers: Nothing },
  /** At the console only, and only while there is no account. */
  'first-administrator': {
    asks: { name: AccountName, fullName: line(128, 1) },
    answers: InvitationBody,
  },

  /** What the caller may ask for. */
  offer: { asks: {}, answers: OfferBody },
  grants: { asks: {}, answers: GrantsBody },
  grant: { asks: { grant: GrantId }, answers: GrantBody },
  'grant-request': {
    asks: {
      vendor: Name,
      targets: Type.Array(Name, { minItems: 1, maxItems: 16 }),
      carrier: CarrierName,
      reason: line(1000, 1),
      ticket: line(64),
      length: Type.Integer({ minimum: 60_000, maximum: 604_800_000 }),
    },
    answers: GrantBody,
  },
  /** A passkey challenge made of the digest and the purpose, for approving exactly this and in no other way. */
  'grant-challenge': {
    asks: { grant: GrantId, purpose: Type.Optional(Type.Enum(['approve', 'break-glass'])) },
    answers: PasskeyOptionsBody,
  },
  'grant-approve': { asks: { grant: GrantId, digest: Digest, second: Second }, answers: GrantBody },
  /** By one person alone, with an alarm of its own (62443-3-3 SR 2.1 RE3). */
  'grant-break-glass': {
    asks: { grant: GrantId, digest: Digest, second: Second, why: line(1000, 1) },
    answers: GrantBody,
  },
  'grant-deny': { asks: { grant: GrantId, why: Why }, answers: GrantBody },
  'grant-end': { asks: { grant: GrantId, why: Why }, answers: GrantBody },
  'grant-end-all': { asks: { why: Why }, answers: GrantsBody },
  /** Asks for more time: changes the digest, and waits for a new approval. */
  'grant-extend': {
    asks: {
      grant: GrantId,
      length: Type.Integer({ minimum: 60_000, maximum: 604_800_000 }),
      reason: line(1000, 1),
    },
    answers: GrantBody,
  },
  'grant-credentials': { asks: { grant: GrantId }, answers: CredentialsBody },
  'grant-receipt': { asks: { grant: GrantId }, answers: ReceiptBody },
  operations: { asks: { after: Count }, answers: OperationsBody },
  'switch-mode': {
    asks: {
      mode: Name,
      why: Why,
      pace: Type.Union([Type.Integer({ minimum: 0, maximum: 86_400_000 }), Type.Literal('confirm')]),
      second: Second,
    },
    answers: SwitchedBody,
  },
  evidence: { asks: {}, answers: EvidenceBody },
  /** Somebody answers for going on with a log that is not what it was, so that vendors can be let in again. */
  'evidence-accept': { asks: { why: line(1000, 1) }, answers: EvidenceBody },
  /** A cosigned checkpoint brought back from a witness. */
  'evidence-witness': { asks: { note: Type.String({ maxLength: 8192 }) }, answers: EvidenceBody },

  /** From a carrier in the front: a channel of an open grant. `proof` is the certificate's SHA-256, or the session. */
  'carrier-open': {
    asks: { carrier: CarrierName, grant: GrantId, target: Name, proof: Secret },
    answers: ChannelOfferBody,
  },
  /** What the signed-in person may reach now over this carrier. */
  'carrier-grants': { asks: { carrier: CarrierName }, answers: CarrierGrantsBody },
} as const satisfies Record<string, { readonly asks: Record<string, TSchema>; readonly answers: TSchema }>;

export type CallName = keyof typeof Calls;

/** What a call carries. */
export type Asks<N extends CallName> = Static<TObject<(typeof Calls)[N]['asks']>>;

/** What a call answers. */
export type Answers<N extends CallName> = Static<(typeof Calls)[N]['answers']>;

/** A call with its name, as it travels; told apart by `name`, the rest under `with`. */
export type Call = { readonly [N in CallName]: { readonly name: N; readonly with: Asks<N> } }[CallName];
export const Call = Type.Unsafe<Call>(
  Type.Union(
    Object.entries(Calls).map(([name, { asks }]) =>
      record({ name: Type.Literal(name), with: record(asks as Record<string, TSchema>) }),
    ),
  ),
);
