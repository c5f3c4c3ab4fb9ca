import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  decodeEnvelope,
  encodeEnvelope,
  PolicyPayloadType,
  preAuthenticationEncoding,
} from '../../rules/bundle/envelope.ts';
import { encodePolicy } from '../../rules/bundle/payload.ts';
import type { Policy } from '../../rules/policy.ts';
import { compileBundle, penstock } from '../plant/namespaces/site.ts';
import { type Bench, BenchGateway, benchModel, openBench } from './bench.ts';
import { eventually } from './eventually.ts';
import { lacks } from './tools.ts';
import { startTraffic } from './traffic.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await openBench();
});

afterAll(() => bench?.close());

describe('penstock apply refuses', () => {
  test.for<{ why: string; code: string; make: (site: Bench['site']) => Uint8Array }>([
    { why: 'what is no bundle', code: 'BUNDLE_MALFORMED', make: () => Buffer.from('no bundle at all') },
    { why: 'a bundle changed after signing', code: 'BUNDLE_SIGNATURE', make: () => tampered() },
    { why: 'a bundle signed by a stranger', code: 'BUNDLE_KEY', make: () => byStranger() },
    { why: 'a bundle of another site', code: 'BUNDLE_SITE', make: () => signed({ site: 'elsewhere' }) },
    { why: 'a bundle of another gateway', code: 'BUNDLE_GATEWAY', make: () => signed({ gateway: 'cgw-99' }) },
    { why: 'a bundle of another form', code: 'BUNDLE_FORMAT', make: () => signed({ format: 99 }) },
    { why: 'an older version', code: 'BUNDLE_VERSION', make: () => signed({ version: 9 }) },
    {
      why: 'the same version with other content',
      code: 'BUNDLE_VERSION',
      make: () => signed({ version: 10, compiler: 'other' }),
    },
    {
      why: 'a bundle that begins later',
      code: 'BUNDLE_NOT_YET',
      make: () => signed({ notBefore: Date.parse('2090-01-01'), notAfter: Date.parse('2091-01-01') }),
    },
    {
      why: 'a bundle that has ended',
      code: 'BUNDLE_EXPIRED',
      make: () => signed({ notBefore: Date.parse('2020-01-01'), notAfter: Date.parse('2021-01-01') }),
    },
    {
      why: 'a bundle for a newer gateway',
      code: 'BUNDLE_NEWER_GATEWAY',
      make: () => signed({ minGateway: '99.0.0' }),
    },
    {
      why: 'a bundle with a field unknown here',
      code: 'BUNDLE_NOT_CANONICAL',
      make: () => withUnknownField(),
    },
  ])('$why, and the running policy stays', async ({ code, make }) => {
    const before = await bench.gateway.status();
    const file = join(bench.network.folder, 'refused.bundle');
    writeFileSync(file, make(bench.site));
    const said = await penstock('apply', file, '--confirm-now', '--config', bench.gateway.config);
    expect(said.stderr).toContain(code);
    expect(said.stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(said.status).toBe(1);
    const after = await bench.gateway.status();
    expect(after?.policyDigest).toBe(before?.policyDigest);
  });
});

describe.skipIf(lacks('libmodbus', 'tcpdump'))('penstock apply under traffic', () => {
  test('puts the new policy into force without losing a transaction or a connection', async () => {
    const traffic = await startTraffic(bench);
    try {
      const lostBefore = traffic.lost();
      const bundle = await nextBundle(11, (model) => model);
      const said = await penstock('apply', bundle, '--confirm-now', '--config', bench.gateway.config);
      expect(said.stderr).toBe('');
      expect(said.status).toBe(0);
      expect((await bench.gateway.status())?.policyVersion).toBe(11);
      await traffic.answeredAfter(Date.now());
      await traffic.plainLives();
      await traffic.nothingForbiddenArrived();
      expect(traffic.lost()).toBe(lostBefore);
    } finally {
      await traffic.stop();
    }
  });

  test('ends what the new policy no longer permits', async () => {
    const traffic = await startTraffic(bench);
    try {
      const bundle = await nextBundle(12, (model) =>
        model.replace('src: scada-1, dst: [plc-intake, plc-dosing]', 'src: scada-1, dst: plc-intake'),
      );
      const lostBefore = traffic.lost();
      expect(
        (await penstock('apply', bundle, '--confirm-now', '--config', bench.gateway.config)).status,
      ).toBe(0);
      await eventually('a lost poll', () => traffic.lost() > lostBefore || undefined);
      await traffic.plainLives();
    } finally {
      await traffic.stop();
    }
  });
});

/** The bench model, changed, as a further version. */
async function nextBundle(version: number, change: (model: string) => string): Promise<string> {
  const model = join(bench.network.folder, `version-${version}.zones.yaml`);
  const text = readFileSync(benchModel(), 'utf8').replace(
    /policy_version: \d+/,
    `policy_version: ${version}`,
  );
  writeFileSync(model, change(text));
  const bundle = join(bench.network.folder, `version-${version}.bundle`);
  await compileBundle({ model, gateway: BenchGateway, privateKey: bench.site.privateKey, bundle });
  return bundle;
}

function signed(change: Partial<Policy>): Uint8Array {
  return sealed(encodePolicy({ ...bench.site.policy, version: 11, ...change }), siteKey(), siteKeyId());
}

function byStranger(): Uint8Array {
  const payload = encodePolicy({ ...bench.site.policy, version: 11 });
  return sealed(payload, generateKeyPairSync('ed25519').privateKey, 'ab'.repeat(32));
}

function tampered(): Uint8Array {
  const bytes = Uint8Array.from(signed({}));
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes;
}

/** Field 1000 of the policy, a number: what a later release might add as a limit. */
function withUnknownField(): Uint8Array {
  const payload = encodePolicy({ ...bench.site.policy, version: 11 });
  return sealed(Uint8Array.from([...payload, 0xc0, 0x3e, 0x01]), siteKey(), siteKeyId());
}

function sealed(payload: Uint8Array, key: KeyObject, keyid: string): Uint8Array {
  const sig = sign(null, preAuthenticationEncoding(PolicyPayloadType, payload), key);
  return encodeEnvelope({ payload, payloadType: PolicyPayloadType, signatures: [{ sig, keyid }] });
}

function siteKey(): KeyObject {
  return createPrivateKey(readFileSync(bench.site.privateKey));
}

function siteKeyId(): string {
  return decodeEnvelope(readFileSync(bench.site.bundle))?.signatures[0]?.keyid ?? '';
}
