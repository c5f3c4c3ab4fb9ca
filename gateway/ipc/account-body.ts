import { type Static, Type } from 'typebox';

/*
 * What the engine tells of accounts and of who is signed in. Times are milliseconds since the Unix epoch. No body
 * here ever holds a password, the secret of a factor that is in use, or the token of somebody else's session.
 */

const Count = Type.Integer({ minimum: 0 });
const Time = Type.Number();
const Text = Type.String();

/** What an account may do, IEC 62443-3-3 SR 2.1 RE2. One account may have several. */
export const Roles = [
  'viewer',
  'operator',
  'approver',
  'engineer',
  'auditor',
  'administrator',
  'vendor',
] as const;
export type Role = (typeof Roles)[number];
export const RoleName = Type.Enum([...Roles]);

/** How somebody proved who they are. `recovery` is a used-up code, `password` a first factor alone. */
export const Means = Type.Enum(['passkey', 'totp', 'recovery', 'password']);
export type Means = Static<typeof Means>;

export const FactorBody = Type.Object({
  id: Text,
  kind: Type.Enum(['totp', 'passkey']),
  label: Text,
  since: Time,
  lastUsed: Time,
});

export const AccountBody = Type.Object({
  /** Unique, for good: a name is never given to another person. */
  name: Text,
  fullName: Text,
  roles: Type.Array(RoleName),
  /** Duties at this plant that the zone model may name for approvals, `shift-lead`. */
  duties: Type.Array(Text),
  /** Vendor of the zone model it belongs to, or empty. */
  vendor: Text,
  /** `invited` has no password yet. */
  state: Type.Enum(['invited', 'active', 'disabled', 'ended', 'locked']),
  /** 0 has no end. */
  endsAt: Time,
  lockedUntil: Time,
  factors: Type.Array(FactorBody),
  recoveryCodes: Count,
  signIns: Count,
  lastSignIn: Time,
  /** Until then it may not approve, because its authenticators were reset; 0 is not. */
  mayNotApproveUntil: Time,
  /** Who asked for a reset that still waits for a second person, or empty. */
  resetAskedBy: Text,
});
export type AccountBody = Static<typeof AccountBody>;
export const AccountsBody = Type.Array(AccountBody);

/** The one who asks, and what they still have to do. */
export const MeBody = Type.Object({
  account: AccountBody,
  /** Public name of this sign-in, as it stands in evidence. */
  session: Text,
  means: Means,
  signedInAt: Time,
  /** The last proof of a second factor; approving wants it fresh. */
  factorAt: Time,
  /** Ends at the latest, and after that long without a call. */
  endsAt: Time,
  idleEndsAt: Time,
  locked: Type.Boolean(),
  /** A second factor has to be enrolled before anything else. */
  mustEnrol: Type.Boolean(),
  /** What everybody is told before signing in (62443-3-3 SR 1.12). */
  banner: Text,
});
export type MeBody = Static<typeof MeBody>;

/** `session` is the secret the front keeps in the cookie; `csrf` is what pages send back with every act. */
export const SignedInBody = Type.Object({ session: Text, csrf: Text, me: MeBody });
export type SignedInBody = Static<typeof SignedInBody>;

/** Options for the browser's passkey functions, as JSON of the WebAuthn form. */
export const PasskeyOptionsBody = Type.Object({ options: Text });
export type PasskeyOptionsBody = Static<typeof PasskeyOptionsBody>;

/** Told once. `qr` is an SVG of `uri`. */
export const TotpBody = Type.Object({ secret: Text, uri: Text, qr: Text });
export type TotpBody = Static<typeof TotpBody>;

/** Told once. */
export const RecoveryCodesBody = Type.Object({ codes: Type.Array(Text) });
export type RecoveryCodesBody = Static<typeof RecoveryCodesBody>;

/** Told once, to be handed over in person; good for one first password until `until`. */
export const InvitationBody = Type.Object({ name: Text, code: Text, until: Time });
export type InvitationBody = Static<typeof InvitationBody>;

/** `waiting` needs another administrator to say the same. */
export const ResetBody = Type.Object({
  state: Type.Enum(['waiting', 'done']),
  invitation: Type.Optional(InvitationBody),
});
export type ResetBody = Static<typeof ResetBody>;

export const SignInBody = Type.Object({
  session: Text,
  account: Text,
  source: Text,
  means: Means,
  since: Time,
  lastCall: Time,
  locked: Type.Boolean(),
});
export const SignInsBody = Type.Array(SignInBody);
export type SignInsBody = Static<typeof SignInsBody>;

/** What everybody may know before signing in. */
export const WelcomeBody = Type.Object({
  site: Text,
  gateway: Text,
  /** Name the page is to be opened by, which passkeys are bound to; empty where there is none. */
  name: Text,
  banner: Text,
  /** Nobody has an account yet: the first is made at the console. */
  empty: Type.Boolean(),
});
export type WelcomeBody = Static<typeof WelcomeBody>;
