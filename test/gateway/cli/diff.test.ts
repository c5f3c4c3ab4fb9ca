import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileModel } from '../../../gateway/cli/compile.ts';
import { type DiffOptions, diff } from '../../../gateway/cli/diff.ts';
import { makeKeyPair } from '../../../gateway/cli/keygen.ts';
import { command } from './command.ts';

const home = mkdtempSync(join(tmpdir(), 'penstock-diff-'));
const golden = (name: string) => new URL(`../../golden/diff/${name}`, import.meta.url).pathname;
const [old, next] = [golden('old.zones.yaml'), golden('new.zones.yaml')];
const bundle = join(home, 'old.bundle');

beforeAll(async () => {
  const key = makeKeyPair(join(home, 'keys')).secret;
  const said = await command(() => compileModel(old, { key, out: bundle }));
  expect(said).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(home, { recursive: true }));

test('ends with 1 where something changed and with 0 where nothing did', async () => {
  const said = await run(old, next);
  expect(said.status).toBe(1);
  expect(said.out).toContain('+ hmi-1 may connect to cgw-01 on tcp 443');
  expect(await run(old, old)).toMatchObject({
    status: 0,
    out: expect.stringContaining('nothing else has changed'),
  });
  expect(JSON.parse((await run(old, old, { json: true })).out)).toEqual({
    gained: [],
    lost: [],
    changes: [],
  });
});

test('compares a bundle with a model as both are compiled', async () => {
  expect(await run(bundle, bundle)).toMatchObject({ status: 0 });
  const other = join(home, 'other.zones.yaml');
  const text = readFileSync(old, 'utf8');
  writeFileSync(other, text.replace('value: {min: 0, max: 35}', 'value: {min: 0, max: 30}'));
  const said = await run(bundle, other, { markdown: true });
  expect(said.status).toBe(1);
  expect(said.out).toContain('FC 6 Write Single Register 140, unit 1, u16 0 to 30');
});

test('says what is wrong with a model that cannot be read', async () => {
  const broken = join(home, 'broken.zones.yaml');
  writeFileSync(broken, readFileSync(old, 'utf8').replace('dst: sis-plc', 'dst: nobody'));
  expect(await run(old, broken)).toMatchObject({
    status: 2,
    out: '',
    err: expect.stringContaining('nobody'),
  });
});

test.for<[string, DiffOptions & { readonly file?: string }, RegExp]>([
  ['two forms of one output', { json: true, markdown: true }, /two forms/],
  ['a time that is none', { at: 'noon' }, /--at noon/],
  ['a file that is not there', { file: join(home, 'none') }, /does not exist/],
])('does not take %s', async ([, { file = next, ...options }, problem]) => {
  const said = await run(old, file, options);
  expect(said.status).toBe(2);
  expect(said.err).toMatch(problem);
});

function run(one: string, other: string, options: DiffOptions = {}) {
  return command(() => diff(one, other, { at: '2026-11-18T12:00:00Z', ...options }));
}
