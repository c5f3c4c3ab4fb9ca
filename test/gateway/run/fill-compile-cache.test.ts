/** @module-tag deep: what it misses costs time and nothing else. */

import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NodeOptions } from '../../../gateway/run/node-options.ts';

const gateway = fileURLToPath(new URL('../../../gateway', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pst-'));
const compiled = join(folder, 'compiled');

beforeAll(() => {
  const said = spawnSync(process.execPath, [join(gateway, 'run/fill-compile-cache.ts'), compiled, '64812']);
  expect(said.stderr.toString()).toBe('');
  expect(said.status).toBe(0);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each<[string, readonly string[]]>([
  ['engine/main.ts', NodeOptions],
  ['enforce/kernel/nflog.ts', []],
  ['enforce/kernel/nft-child.ts', []],
  ['front/main.ts', NodeOptions],
  ['inspector/main.ts', NodeOptions],
  ['syslog/main.ts', NodeOptions],
])('nothing that %s starts with is compiled again', (entry, options) => {
  expectAllKept(...options, join(gateway, entry), '--nothing');
});

test('nothing that a process imports as it goes is compiled again', () => {
  const files = globSync('*/**/*.ts', { cwd: gateway, exclude: ['cli/**', 'run/fill-compile-cache.ts'] });
  const imported = files.flatMap((file) =>
    [...readFileSync(join(gateway, file), 'utf8').matchAll(/\bimport\('(\.[^']+)'\)/g)].map(
      ([, path = '']) => pathToFileURL(join(gateway, dirname(file), path)).href,
    ),
  );
  expect(imported.length).toBeGreaterThan(5);
  const script = imported.map((url) => `import ${JSON.stringify(url)};`).join('');
  expectAllKept(...NodeOptions, '--input-type=module', '--eval', `${script}process.exit()`);
});

test('nothing is compiled again that the first passkey after a start waits for', () => {
  const imported = ['@simplewebauthn/server', '@simplewebauthn/server/helpers'];
  const script = imported.map((name) => `import ${JSON.stringify(import.meta.resolve(name))};`).join('');
  const said = runWithCache(...NodeOptions, '--input-type=module', '--eval', `${script}process.exit()`);
  const library = said.split('\n').filter((line) => line.includes('/@simplewebauthn/'));
  expect(library.filter((line) => line.includes('was not initialized'))).toEqual([]);
  expect(library.some((line) => line.includes('was accepted'))).toBe(true);
});

/** Of the files of this repository; what others packed has no types to take out, and some of it is loaded late. */
function expectAllKept(...words: readonly string[]): void {
  const said = runWithCache(...words);
  expect(said).toContain('was accepted');
  expect(said.split('\n').filter((line) => line.includes('no transpile cache'))).toEqual([]);
}

/** @returns what Node says of its cache */
function runWithCache(...words: readonly string[]): string {
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  const { stdout, stderr } = spawnSync(process.execPath, words, { env, input: '' });
  return `${stdout}${stderr}`;
}
