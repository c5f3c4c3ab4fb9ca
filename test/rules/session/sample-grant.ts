import { createHash } from 'node:crypto';
import { digestOf } from '../../../rules/session/digest.ts';
import type {
  Answerer,
  Grant,
  GrantAct,
  GrantEvent,
  GrantRequest,
  GrantRules,
  Moment,
  Proof,
  Stepped,
} from '../../../rules/session/grant.ts';
import { ask, step } from '../../../rules/session/step.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

export const Minute = 60_000;
export const Hour = 3_600_000;

export const request: GrantRequest = {
  site: 'riverside-wtp',
  gateway: 'cgw-01',
  grant: 'G-7F3K92QD',
  vendor: 'pumpco',
  person: 'service-1',
  by: 'service-1',
  targets: ['pumpco/plc-dosing.502'],
  carrier: 'tls',
  reason: 'The dosing pump stops at low flow.',
  ticket: 'CHG-2001',
  length: 2 * Hour,
  extension: 0,
  askedAt: 1_800_000_000_000,
  policyVersion: 42,
  policyDigest: '11'.repeat(32),
};

export const rules: GrantRules = {
  requestLasts: Hour,
  maxDuration: 4 * Hour,
  longest: Number.POSITIVE_INFINITY,
  idle: 15 * Minute,
  maxBytes: 1_000_000,
};

export const passkey: Proof = { means: 'passkey', weak: false, assertion: '{"id":"k"}' };

export function person(name: string, duties: readonly string[], more: Partial<Answerer> = {}): Answerer {
  return { name, roles: ['approver'], duties, mayApprove: true, ...more };
}

export const lead = person('lena', ['shift-lead']);
export const safety = person('omar', ['safety-engineer']);

export function at(mono: number, wall = request.askedAt + mono): Moment {
  return { wall, mono };
}

/** A grant that was just asked for, at monotonic 0. */
export function asked(duties: readonly string[] = ['shift-lead'], more: Partial<GrantRequest> = {}): Grant {
  const one = { ...request, ...more };
  return good(ask(one, digestOf(one, sha256), { duties, terms: 'terms', weak: false }, rules, at(0))).grant;
}

export function good(stepped: Stepped): Extract<Stepped, { ok: true }> {
  if (!stepped.ok) throw new Error(`${stepped.refusal}: ${stepped.detail}`);
  return stepped;
}

export function yes(by: Answerer, digest: string): Extract<GrantEvent, { kind: 'approve' }> {
  return { kind: 'approve', by, digest, proof: passkey, certificate: '' };
}

export const opening: Extract<GrantEvent, { kind: 'open' }> = {
  kind: 'open',
  holds: true,
  certificate: 'ab'.repeat(32),
  policyVersion: 42,
  policyDigest: '11'.repeat(32),
};

/** Approved by the shift lead and opened at this monotonic time. */
export function opened(mono = Minute, more: Partial<GrantRequest> = {}): Grant {
  const first = asked(['shift-lead'], more);
  const approved = good(step(first, yes(lead, first.asked.digest), at(mono), rules)).grant;
  return good(step(approved, opening, at(mono), rules)).grant;
}

export const noTotals = { bytesFromClient: 0, bytesFromServer: 0, channels: 0, writes: 0, refused: 0 };

export function kinds(acts: readonly GrantAct[]): readonly string[] {
  return acts.map(({ kind }) => kind);
}
