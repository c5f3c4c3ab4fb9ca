import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Act, EvidenceRecord } from '../../../../rules/record/record.ts';
import { approvalChallenge, digestOf } from '../../../../rules/session/digest.ts';
import type { GrantRequest } from '../../../../rules/session/grant.ts';

/** 2026-10-06 12:00:00 UTC. */
export const noon = 1_791_288_000_000;
export const policyDigest = '5a'.repeat(32);
export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** A passkey as an authenticator holds it. */
export interface Passkey {
  readonly id: string;
  /** What goes on record when it is enrolled. */
  readonly detail: string;
  readonly answer: (challenge: Uint8Array) => string;
}

export function makePasskey(id = 'cGFzc2tleQ'): Passkey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const detail = JSON.stringify({ credential: id, key, algorithm: -7, rp: 'penstock.plant.example' });
  return { id, detail, answer: (challenge) => answer(id, privateKey, challenge) };
}

/** What the browser gives for `navigator.credentials.get`, WebAuthn Level 3 §5.1. */
function answer(id: string, key: KeyObject, challenge: Uint8Array): string {
  const clientData = Buffer.from(
    JSON.stringify({
      type: 'webauthn.get',
      challenge: Buffer.from(challenge).toString('base64url'),
      origin: 'https://penstock.plant.example',
      crossOrigin: false,
    }),
  );
  const counter = Buffer.from('0500000007', 'hex');
  const authenticatorData = Buffer.concat([sha256(Buffer.from('penstock.plant.example')), counter]);
  const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), key);
  return JSON.stringify({
    id,
    rawId: id,
    type: 'public-key',
    clientExtensionResults: {},
    response: {
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authenticatorData.toString('base64url'),
      signature: signature.toString('base64url'),
    },
  });
}

/** An act at a time after noon, milliseconds. */
export function act(after: number, one: Act): EvidenceRecord {
  return { kind: 'act', at: noon + after, act: one };
}

/** What stands at the start of a log: the box, its policy, and an approver with a passkey. */
export function beginning(passkey: Passkey): EvidenceRecord[] {
  const digest = Buffer.from(policyDigest, 'hex');
  return [
    act(0, { kind: 'started', release: '0.1.0', site: 'waterworks', gateway: 'gw-1', backEnd: 'proxy' }),
    act(1, {
      kind: 'bundleAccepted',
      policyVersion: 7,
      digest,
      by: 'ada',
      confirmWithin: 0,
      signers: ['site'],
    }),
    act(2, {
      kind: 'accountChanged',
      account: 'olle',
      what: 'passkey',
      detail: passkey.detail,
      by: 'olle',
      second: '',
    }),
  ];
}

export interface SessionOptions {
  readonly grant: string;
  /** Milliseconds after noon at which it is asked for. */
  readonly at: number;
  readonly passkey?: Passkey;
  /** Stored chunks of its recording. */
  readonly chunks?: readonly Uint8Array[];
}

/** All records of one session of a minute, in order: asked for, approved, opened, used, closed. */
export function session({ grant, at, passkey, chunks = [] }: SessionOptions): EvidenceRecord[] {
  const channel = `${grant}/1`;
  const target = 'pumpco/plc-dosing.502';
  const request: GrantRequest = {
    site: 'waterworks',
    gateway: 'gw-1',
    grant,
    vendor: 'pumpco',
    person: 'vera',
    by: 'vera',
    targets: [target],
    carrier: 'tls',
    reason: 'Dosing pump calibration',
    ticket: 'CHG-1042',
    length: 60_000,
    extension: 0,
    askedAt: noon + at,
    policyVersion: 7,
    policyDigest,
  };
  const digest = digestOf(request, sha256);
  const { site: _, gateway: __, askedAt: ___, ...asked } = request;
  const assertion = passkey?.answer(approvalChallenge('approve', digest, sha256)) ?? '';
  const closed = { bytesFromClient: 120, bytesFromServer: 96, writes: 1, refused: 1 };
  const operation = (after: number, outcome: 'passed' | 'refused', value: number): EvidenceRecord => ({
    kind: 'operation',
    at: noon + at + after,
    grant,
    channel,
    target,
    person: 'vera',
    request: { unit: 1, functionCode: 6, address: 140, quantity: 1, values: [value], before: [20] },
    text: `WRITE holding register 140 (40141) "Cl2 dose": 20 → ${value}, unit 1`,
    outcome,
    reason: outcome === 'refused' ? 'value-out-of-range' : '',
    exceptionCode: outcome === 'refused' ? 3 : 0,
    permission: 'vendor-tuning/1',
  });
  return [
    act(at, {
      kind: 'grantRequested',
      ...asked,
      digest: Buffer.from(digest, 'hex'),
      policyDigest: Buffer.from(policyDigest, 'hex'),
    }),
    act(at + 1_000, {
      kind: 'grantApproved',
      grant,
      digest: Buffer.from(digest, 'hex'),
      by: 'olle',
      role: 'shift-lead',
      means: passkey === undefined ? 'totp' : 'passkey',
      weak: passkey === undefined,
      assertion,
      missing: 0,
      extension: 0,
      why: '',
    }),
    act(at + 2_000, {
      kind: 'grantOpened',
      grant,
      until: noon + at + 62_000,
      policyVersion: 7,
      policyDigest: Buffer.from(policyDigest, 'hex'),
      certificate: new Uint8Array(32).fill(7),
      weak: false,
    }),
    act(at + 3_000, {
      kind: 'channelOpened',
      grant,
      channel,
      target,
      carrier: 'tls',
      source: '198.51.100.7:40312',
      profile: 'vendor-tuning',
    }),
    operation(4_000, 'passed', 25),
    operation(5_000, 'refused', 900),
    ...chunks.map(
      (bytes, index): EvidenceRecord => ({
        kind: 'chunk',
        grant,
        channel,
        index,
        firstAt: noon + at + 3_000,
        lastAt: noon + at + 5_000,
        bytes: bytes.length,
        digest: sha256(bytes),
      }),
    ),
    act(at + 6_000, {
      kind: 'channelClosed',
      grant,
      channel,
      cause: 'client-closed',
      ...closed,
      chunks: chunks.length,
    }),
    act(at + 62_000, {
      kind: 'grantClosed',
      grant,
      cause: 'grant-ended',
      by: '',
      why: '',
      ...closed,
      channels: 1,
    }),
  ];
}
