import { execFileSync } from 'node:child_process';
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeManifest } from '../../../hardware/release/manifest.ts';
import { sealRelease } from '../../../hardware/release/seal.ts';
import { newKey, SmallRelease, scratch, sealed, stage } from './staged.ts';

test('the same files make the same archive and signature, whenever and in whatever order they were written', () => {
  const { privateKey: key } = newKey();
  const options = { version: '0.2.0', arch: 'x64', commit: 'c0ffee', key, epoch: 1_700_000_000 } as const;
  const [first, second] = [scratch(), scratch()];
  const one = sealRelease(stage(first), { ...options, out: first });
  const reversed = stage(second, Object.fromEntries(Object.entries(SmallRelease).reverse()));
  utimesSync(join(reversed, 'package.json'), 1, 1);
  const other = sealRelease(reversed, { ...options, out: second });
  expect(readFileSync(other.archive).equals(readFileSync(one.archive))).toBe(true);
  expect(readFileSync(other.signature ?? '', 'utf8')).toBe(readFileSync(one.signature ?? '', 'utf8'));
});

test('an archive belongs to root, has one time, and names every file with its digest', () => {
  const folder = scratch();
  const { archive } = sealed(folder);
  const listing = execFileSync('tar', ['-tvzf', archive, '--utc'], { encoding: 'utf8' });
  for (const line of listing.trim().split('\n'))
    expect(line).toMatch(/ (root\/root|0\/0) .* 2023-11-14 22:13 /);
  const name = 'penstock-0.2.0-x64/manifest.json';
  const manifest = decodeManifest(execFileSync('tar', ['-xzOf', archive, name], { encoding: 'utf8' }));
  const key = expect.stringMatching(/^release-keys\/release-[0-9a-f]{8}\.pub\.pem$/);
  expect(Object.keys(manifest?.files ?? {})).toEqual([...Object.keys(SmallRelease).toSorted(), key]);
  expect(manifest?.links).toEqual({ 'node_modules/.bin/node': '../node/bin/node' });
});

test('without a key nothing is signed and no key is enclosed', () => {
  const folder = scratch();
  const options = {
    version: '0.2.0',
    arch: 'x64',
    commit: 'c0ffee',
    epoch: 1,
    out: folder,
    key: undefined,
  } as const;
  const { archive, signature } = sealRelease(stage(folder), options);
  expect(signature).toBeUndefined();
  expect(execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' })).not.toContain('release-keys');
});
