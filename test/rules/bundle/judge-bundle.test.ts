import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeEnvelope,
  encodeEnvelope,
  MaxEnvelopeBytes,
  PolicyPayloadType,
  preAuthenticationEncoding,
} from '../../../rules/bundle/envelope.ts';
import {
  type Judgement,
  judgeBundle,
  judgeConfirmedBundle,
  Rejections,
} from '../../../rules/bundle/judge-bundle.ts';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import type { Policy } from '../../../rules/policy.ts';
import { samplePolicy } from './sample-policy.ts';

const engineer = keyPair('engineer');
const owner = keyPair('owner');
const stranger = keyPair('stranger');
const now = Date.UTC(2026, 8, 1);
const trust = {
  keys: [
    { id: engineer.id, name: 'engineer', key: engineer.publicKey },
    { id: owner.id, name: 'owner', key: owner.publicKey },
  ],
  signatures: 1,
  verify: (trusted: { key: KeyObject }, message: Uint8Array, signature: Uint8Array) =>
    verify(null, message, trusted.key, signature),
  sha256: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest(),
  site: 'riverside-wtp',
  gateway: 'cgw-01',
  gatewayVersion: '0.1.0',
};

test('the pre-authentication encoding is the one of the DSSE specification', () => {
  // The example of secure-systems-lab/dsse, protocol.md.
  const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', bytesOf('hello world'));
  expect(Buffer.from(encoded).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

test('a good bundle is accepted with its digest', () => {
  const judged = judge(bundle(samplePolicy));
  expect(judged.ok && judged.policy).toEqual(samplePolicy);
  expect(judged.ok && judged.digest).toBe(digestOf(samplePolicy));
  expect(judged.ok && judged.payload).toEqual(encodePolicy(samplePolicy));
});

test('one trusted signature among others is enough, whatever the key ids say', () => {
  const payload = encodePolicy(samplePolicy);
  const signatures = [signature(payload, stranger), { ...signature(payload, owner), keyid: 'nonsense' }];
  expect(judge(encodeEnvelope({ payload, payloadType: PolicyPayloadType, signatures })).ok).toBe(true);
});

test('where two signatures are asked for, two different trusted keys must have made them', () => {
  const strict = { ...trust, signatures: 2 };
  // The same key listed twice is one key.
  const listedTwice = { ...strict, keys: [trust.keys[0]!, { ...trust.keys[0]!, name: 'again' }] };
  const judgeBy = (signers: readonly Signer[], terms = strict) =>
    judgeBundle(envelope(encodePolicy(samplePolicy), signers), terms, undefined, now);
  expect(judgeBy([engineer, owner])).toMatchObject({ ok: true, signers: ['engineer', 'owner'] });
  expect(judgeBy([owner, stranger, engineer])).toMatchObject({ ok: true, signers: ['engineer', 'owner'] });
  expect(judgeBy([engineer])).toMatchObject({ code: 'BUNDLE_SIGNATURES' });
  expect(judgeBy([engineer, engineer])).toMatchObject({ code: 'BUNDLE_SIGNATURES' });
  expect(judgeBy([engineer, stranger])).toMatchObject({ code: 'BUNDLE_SIGNATURES' });
  expect(judgeBy([engineer], listedTwice)).toMatchObject({ code: 'BUNDLE_SIGNATURES' });
  expect(judgeBy([engineer, engineer], listedTwice)).toMatchObject({ code: 'BUNDLE_SIGNATURES' });
});

test('a bundle confirmed with one signature stays when the box comes to ask for two', () => {
  const strict = { ...trust, signatures: 2 };
  expect(judgeConfirmedBundle(bundle(samplePolicy), strict)).toMatchObject({
    ok: true,
    signers: ['engineer'],
  });
});

const payload = encodePolicy(samplePolicy);
const unknownField = Uint8Array.of(...payload, 0x98, 0x06, 0x01);

test.for<[keyof typeof Rejections, string, Uint8Array]>([
  ['BUNDLE_MALFORMED', 'bytes that are no envelope', bytesOf('zones: []')],
  ['BUNDLE_MALFORMED', 'nothing', new Uint8Array()],
  ['BUNDLE_MALFORMED', 'a cut envelope', bundle(samplePolicy).slice(0, -10)],
  ['BUNDLE_MALFORMED', 'more signatures than anyone needs', envelope(payload, Array(9).fill(engineer))],
  ['BUNDLE_MALFORMED', 'an oversized envelope', envelope(new Uint8Array(MaxEnvelopeBytes), [engineer])],
  [
    'BUNDLE_MALFORMED',
    'a signed payload that is no policy',
    envelope(Uint8Array.of(8, 4, 18, 5, 48, 46, 49, 46, 48), [engineer]),
  ],
  ['BUNDLE_MALFORMED', 'a signed payload of noise', envelope(bytesOf('noise'), [engineer])],
  ['BUNDLE_SIGNATURE', 'no signature', envelope(payload, [])],
  [
    'BUNDLE_SIGNATURE',
    'a signature over another payload',
    encodeEnvelope({
      payload,
      payloadType: PolicyPayloadType,
      signatures: [signature(bytesOf('other'), engineer)],
    }),
  ],
  ['BUNDLE_KEY', 'a stranger as signer', envelope(payload, [stranger])],
  ['BUNDLE_FORMAT', 'a signed document of another type', envelope(payload, [engineer], 'text/plain')],
  ['BUNDLE_FORMAT', 'a form of the past', bundle({ ...samplePolicy, format: 1 })],
  ['BUNDLE_FORMAT', 'a form of the future', bundle({ ...samplePolicy, format: 5 })],
  ['BUNDLE_NEWER_GATEWAY', 'a bundle for later releases', bundle({ ...samplePolicy, minGateway: '0.1.1' })],
  [
    'BUNDLE_NEWER_GATEWAY',
    'a bundle for later releases, compared as numbers',
    bundle({ ...samplePolicy, minGateway: '0.10.0' }),
  ],
  ['BUNDLE_NOT_CANONICAL', 'a limit this release does not know', envelope(unknownField, [engineer])],
  ['BUNDLE_SITE', 'another site', bundle({ ...samplePolicy, site: 'hillside-wtp' })],
  ['BUNDLE_GATEWAY', 'another gateway', bundle({ ...samplePolicy, gateway: 'cgw-02' })],
  ['BUNDLE_NOT_YET', 'a validity that has not begun', bundle({ ...samplePolicy, notBefore: now + 1 })],
  ['BUNDLE_EXPIRED', 'a validity that has ended', bundle({ ...samplePolicy, notAfter: now })],
])('%s: %s', ([code, , bytes]) => {
  const judged = judge(bytes);
  expect(judged.ok ? 'ok' : judged.code).toBe(code);
  expect(!judged.ok && judged.message.startsWith(Rejections[code].sentence)).toBe(true);
  expect(!judged.ok && judged.remedy).toBe(Rejections[code].remedy);
});

test('a payload changed after signing is refused even when it would be a policy', () => {
  const forged = encodePolicy({ ...samplePolicy, version: 43 });
  const signed = decodeEnvelope(bundle(samplePolicy));
  expect(judge(encodeEnvelope({ ...signed!, payload: forged }))).toMatchObject({ code: 'BUNDLE_SIGNATURE' });
});

test('a lower version than the running one is refused, a higher one accepted', () => {
  expect(judge(bundle(samplePolicy), { version: 43, digest: '' })).toMatchObject({ code: 'BUNDLE_VERSION' });
  expect(judge(bundle(samplePolicy), { version: 41, digest: '' }).ok).toBe(true);
});

test('the running version again is accepted only with the same content', () => {
  const running = { version: 42, digest: digestOf(samplePolicy) };
  expect(judge(bundle(samplePolicy), running).ok).toBe(true);
  const other = bundle({ ...samplePolicy, compiler: 'penstock 0.1.1' });
  expect(judge(other, running)).toMatchObject({ code: 'BUNDLE_VERSION' });
});

test('a confirmed bundle is taken up again after its end and with a clock in the past', () => {
  expect(
    judgeConfirmedBundle(bundle({ ...samplePolicy, notAfter: samplePolicy.notBefore + 1 }), trust).ok,
  ).toBe(true);
  expect(judgeConfirmedBundle(envelope(payload, [stranger]), trust)).toMatchObject({ code: 'BUNDLE_KEY' });
});

test('text of a foreign bundle reaches a message only as printable characters', () => {
  const signatures = [{ ...signature(payload, stranger), keyid: '\u001b[2Jowned\n' }];
  const judged = judge(encodeEnvelope({ payload, payloadType: PolicyPayloadType, signatures }));
  expect(!judged.ok && /^[\x20-\x7e]*$/.test(judged.message)).toBe(true);
});

test('no single changed bit of a bundle is accepted, unless it is in a key id', () => {
  const good = bundle(samplePolicy);
  const keyidAt = Buffer.from(good).indexOf(engineer.id);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(7), (at, bit) => {
      fc.pre(at < keyidAt || at >= keyidAt + engineer.id.length);
      const changed = Uint8Array.from(good, (byte, index) => (index === at ? byte ^ (1 << bit) : byte));
      expect(judge(changed).ok).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test('no bytes make the judge throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void judge(bytes)));
});

test('groups nested without end are no envelope and no crash', () => {
  expect(judge(new Uint8Array(1_000_000).fill(0x9b))).toMatchObject({ code: 'BUNDLE_MALFORMED' });
  expect(judge(envelope(new Uint8Array(1_000_000).fill(0x9b), [engineer]))).toMatchObject({
    code: 'BUNDLE_MALFORMED',
  });
});

interface Signer {
  readonly id: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function keyPair(name: string): Signer {
  return { id: createHash('sha256').update(name).digest('hex'), ...generateKeyPairSync('ed25519') };
}

function judge(bytes: Uint8Array, running?: { version: number; digest: string }): Judgement {
  return judgeBundle(bytes, trust, running, now);
}

function bundle(policy: Policy): Uint8Array {
  return envelope(encodePolicy(policy), [engineer]);
}

function envelope(
  payload: Uint8Array,
  signers: readonly Signer[],
  payloadType = PolicyPayloadType,
): Uint8Array {
  const signatures = signers.map((signer) => signature(payload, signer, payloadType));
  return encodeEnvelope({ payload, payloadType, signatures });
}

function signature(payload: Uint8Array, signer: Signer, payloadType = PolicyPayloadType) {
  return {
    sig: sign(null, preAuthenticationEncoding(payloadType, payload), signer.privateKey),
    keyid: signer.id,
  };
}

function digestOf(policy: Policy): string {
  return createHash('sha256').update(encodePolicy(policy)).digest('hex');
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
