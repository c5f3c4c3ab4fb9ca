import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { admitRelease } from '../../../hardware/release/admission.ts';
import { compareTree, decodeManifest } from '../../../hardware/release/manifest.ts';
import type { Statement } from '../../../hardware/release/statement.ts';
import { checkUnpacked, unpackRelease } from '../../../hardware/release/unpack.ts';
import { newKey, SmallRelease, scratch, sealed } from './staged.ts';

test('unpacks what was signed under its version, and clears up behind itself', () => {
  const { home, archive, statement } = arrival();
  mkdirSync(join(home, 'releases/.incoming'));
  writeFileSync(join(home, 'releases/.incoming.tar.gz'), 'left by a power cut');
  expect(unpackRelease(home, archive, statement)).toEqual({ ok: true, release: 'releases/0.2.0' });
  expect(readdirSync(join(home, 'releases'))).toEqual(['0.2.0']);
  for (const [path, text] of Object.entries(SmallRelease)) {
    expect(readFileSync(join(home, 'releases/0.2.0', path), 'utf8')).toBe(text);
  }
  expect(lstatSync(join(home, 'releases/0.2.0/node_modules/node/bin/node')).mode & 0o777).toBe(0o755);
});

test.for([
  { what: 'longer', spoil: (file: string) => appendFileSync(file, 'x') },
  { what: 'another', spoil: (file: string) => writeFileSync(file, 'no archive at all') },
  { what: 'empty', spoil: (file: string) => writeFileSync(file, '') },
])('refuses an archive that is $what before it is opened', ({ spoil }) => {
  const { home, archive, statement } = arrival();
  spoil(archive);
  expect(unpackRelease(home, archive, statement)).toMatchObject({
    ok: false,
    problem: expect.stringContaining('not the one'),
  });
  expect(readdirSync(join(home, 'releases'))).toEqual([]);
});

test.for([
  {
    what: 'a changed file',
    spoil: (at: string) => appendFileSync(join(at, 'package.json'), ' '),
    says: 'package.json is another',
  },
  {
    what: 'a file too many',
    spoil: (at: string) => writeFileSync(join(at, 'extra.ts'), ''),
    says: 'extra.ts does not belong',
  },
  {
    what: 'a file too few',
    spoil: (at: string) => execFileSync('rm', [join(at, 'package.json')]),
    says: 'package.json is missing',
  },
  {
    what: 'another link',
    spoil: (at: string) => relink(join(at, 'node_modules/.bin/node')),
    says: '.bin/node is another',
  },
  {
    what: 'another manifest',
    spoil: (at: string) => appendFileSync(join(at, 'manifest.json'), ' '),
    says: 'not the one that was signed',
  },
])('finds $what', ({ spoil, says }) => {
  const { home, archive, statement } = arrival();
  expect(unpackRelease(home, archive, statement).ok).toBe(true);
  const release = join(home, 'releases/0.2.0');
  expect(checkUnpacked(release, statement)).toBe('');
  spoil(release);
  expect(checkUnpacked(release, statement)).toContain(says);
});

test('leaves nothing of a release whose manifest speaks of another', () => {
  const { home, archive, statement } = arrival();
  const other = { ...statement, version: '0.3.0' };
  expect(unpackRelease(home, archive, other)).toMatchObject({
    ok: false,
    problem: expect.stringContaining('another release'),
  });
  expect(existsSync(join(home, 'releases/0.3.0'))).toBe(false);
});

test.for([
  '',
  '[]',
  'null',
  '{"format":1}',
  '{"format":1,"version":"0.1.0","arch":"x64","commit":"","files":{"a":1},"links":{}}',
])('reads no manifest in %o', (text) => {
  expect(decodeManifest(text)).toBeUndefined();
});

test('holds an empty folder against its manifest', () => {
  const manifest = {
    format: 1,
    version: '0.1.0',
    arch: 'x64',
    commit: '',
    files: { a: '0' },
    links: { b: 'a' },
  } as const;
  expect(compareTree(scratch(), manifest)).toEqual(['a is missing', 'b is missing']);
});

function arrival(): { readonly home: string; readonly archive: string; readonly statement: Statement } {
  const folder = scratch();
  const home = join(folder, 'home');
  mkdirSync(join(home, 'releases'), { recursive: true });
  const pair = newKey();
  const { archive } = sealed(folder, pair.privateKey);
  const keys = [{ name: 'works', key: pair.publicKey }];
  const admitted = admitRelease(archive, { keys, arch: 'x64', version: '0.1.0', free: 1e9 });
  if (!admitted.ok) throw new Error(admitted.problem);
  return { home, archive, statement: admitted.statement };
}

function relink(path: string): void {
  execFileSync('rm', [path]);
  symlinkSync('/bin/sh', path);
}
