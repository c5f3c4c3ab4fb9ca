import { type TSchema, Type } from 'typebox';
import { SignedInBody } from '../../ipc/account-body.ts';
import { type CallName, Calls } from '../../ipc/calls.ts';

/** What only the console and the carriers call; over HTTP there is no such thing. */
type ClosedCall = 'first-administrator' | 'carrier-open' | 'carrier-grants';
const Closed: readonly string[] = [
  'first-administrator',
  'carrier-open',
  'carrier-grants',
] satisfies ClosedCall[];

export type PublicCall = Exclude<CallName, ClosedCall>;

/** Every call that can be made over HTTP, in the order of the table. */
export const PublicCalls = Object.keys(Calls).filter((name) => !Closed.includes(name)) as PublicCall[];

/** Made by somebody who is not signed in yet: no cookie goes with them, and no token. */
export function isAnonymous(name: PublicCall): boolean {
  return name === 'welcome' || name === 'sign-in-options' || startsSignIn(name);
}

/** Answers with the secret of a new sign-in. */
export function startsSignIn(name: PublicCall): name is 'sign-in' | 'accept-invitation' {
  return Calls[name].answers === SignedInBody;
}

/** What a call answers over HTTP: the secret of a sign-in goes into the cookie and nowhere else. */
export function httpAnswer(name: PublicCall): TSchema {
  const { answers } = Calls[name];
  return answers === SignedInBody ? Type.Omit(SignedInBody, ['session']) : answers;
}

/**
 * Times a minute that one source may make a call. Whatever takes a password or a code to guess is scarce, because
 * hashing is; the engine counts by account as well (62443-3-3 SR 1.11).
 */
export function callsPerMinute(name: PublicCall): number {
  if (isAnonymous(name)) return name === 'welcome' ? 120 : 20;
  const keys = Object.keys(Calls[name].asks);
  return ['password', 'code', 'second', 'response'].some((key) => keys.includes(key)) ? 30 : 240;
}

/** The most bytes JSON of this form can take, each character escaped: a longer body is not even read. */
export function largestJson(schema: unknown): number {
  const { type, maxLength, maxItems, items, properties, anyOf } = schema as {
    readonly type?: string;
    readonly maxLength?: number;
    readonly maxItems?: number;
    readonly items?: unknown;
    readonly properties?: Readonly<Record<string, unknown>>;
    readonly anyOf?: readonly unknown[];
  };
  if (anyOf !== undefined) return Math.max(...anyOf.map(largestJson));
  if (properties !== undefined) {
    const parts = Object.entries(properties).map(([key, value]) => key.length + 4 + largestJson(value));
    return parts.reduce((sum, part) => sum + part, Slack);
  }
  if (items !== undefined) return (maxItems ?? 1) * (largestJson(items) + 1) + Slack;
  return type === 'string' && maxLength !== undefined ? maxLength * LongestEscape + 2 : Slack;
}

/** `\u2028` */
const LongestEscape = 6;

/** For numbers, names bounded by a pattern, and white space. */
const Slack = 512;
