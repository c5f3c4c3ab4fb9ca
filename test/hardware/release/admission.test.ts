import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { admitRelease, type Box } from '../../../hardware/release/admission.ts';
import { compareVersions, decodeStatement, encodeStatement } from '../../../hardware/release/statement.ts';
import { newKey, scratch, sealed } from './staged.ts';

const pair = newKey();
const box: Box = {
  keys: [{ name: 'works', key: pair.publicKey }],
  arch: 'x64',
  version: '0.1.9',
  free: 1_000_000_000,
};

test('lets a signed, higher release for this machine in', () => {
  const { archive } = sealed(scratch(), pair.privateKey);
  expect(admitRelease(archive, box)).toMatchObject({
    ok: true,
    signer: 'works',
    statement: { version: '0.2.0' },
  });
});

test.for([
  { than: { version: '0.2.0' }, says: /not higher than 0\.2\.0/ },
  { than: { version: '0.10.0' }, says: /not higher than 0\.10\.0/ },
  { than: { arch: 'arm64' }, says: /for x64, and this box is arm64/ },
  { than: { free: 60_000_000 }, says: /needs 65 MiB, and 57 MiB are free|needs \d+ MiB/ },
  { than: { keys: [{ name: 'others', key: newKey().publicKey }] }, says: /No key this box trusts/ },
  { than: { keys: [] }, says: /No key this box trusts/ },
] as const)('refuses it for a box of $than', ({ than, says }) => {
  const { archive } = sealed(scratch(), pair.privateKey);
  const admitted = admitRelease(archive, { ...box, ...than });
  expect(admitted).toMatchObject({ ok: false, problem: expect.stringMatching(says) });
});

test('refuses an archive whose signature is not beside it, or is torn', () => {
  const { archive, signature = '' } = sealed(scratch(), pair.privateKey);
  writeFileSync(signature, '{"payloadType"');
  expect(admitRelease(archive, box)).toMatchObject({
    ok: false,
    problem: expect.stringContaining('none of a release'),
  });
  rmSync(signature);
  expect(admitRelease(archive, box)).toMatchObject({
    ok: false,
    problem: expect.stringContaining('is not there'),
  });
});

test.for([
  { version: '../../etc' },
  { version: '1.0' },
  { version: '1.0.0/..' },
  { arch: 'toString' },
  { format: 2 },
  { manifest: 'abc' },
  { unpacked: -1 },
  { unpacked: 1.5 },
  { archive: null },
  { archive: { bytes: 1, sha256: '' } },
  { commit: 7 },
])('reads no statement that says %o', (wrong) => {
  const digest = 'a'.repeat(64);
  const right = {
    format: 1,
    version: '1.0.0',
    arch: 'x64',
    commit: 'c0ffee',
    archive: { bytes: 1, sha256: digest },
    manifest: digest,
    unpacked: 1,
  } as const;
  expect(decodeStatement(encodeStatement(right))).toEqual(right);
  expect(decodeStatement(Buffer.from(JSON.stringify({ ...right, ...wrong })))).toBeUndefined();
});

test('counts versions by their parts', () => {
  const sorted = ['0.1.9', '0.2.0', '0.10.0', '1.0.0'];
  for (const [index, one] of sorted.entries()) {
    for (const [other, version] of sorted.entries()) {
      expect(Math.sign(compareVersions(one, version))).toBe(Math.sign(index - other));
    }
  }
});
