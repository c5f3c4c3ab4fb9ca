import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pair } from '../../../gateway/cli/pair.ts';
import { command } from './command.ts';

const model = (name: string) => fileURLToPath(new URL(`../../golden/lint/${name}`, import.meta.url));

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'pst-pair-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

const written = (model: string) => command(async () => pair(model, { out }));
const textOf = (box: string, file: string) => readFileSync(join(out, box, file), 'utf8');

test('each box of a pair gets both files, with nothing left to fill in', async () => {
  expect((await written(model('ok/G-908-pair.yaml'))).status).toBe(0);
  expect(readdirSync(out).sort()).toEqual(['left', 'right']);
  for (const box of ['left', 'right']) {
    expect(readdirSync(join(out, box)).sort()).toEqual(['conntrackd.conf', 'keepalived.conf']);
    for (const file of readdirSync(join(out, box))) expect(textOf(box, file)).not.toMatch(/@[a-z]|undefined/);
  }
});

test('what one box calls its own the other calls its peer', async () => {
  await written(model('ok/G-908-pair.yaml'));
  const [left, right] = ['left', 'right'].map((box) => textOf(box, 'keepalived.conf'));
  const all = (text = '', pattern: RegExp) => [...text.matchAll(pattern)].map(([, one]) => one);
  const [own, peer] = [/unicast_src_ip (\S+)/g, /(\S+) min_ttl 255/g];
  expect(all(left, own)).toEqual(['10.20.0.2', '10.30.0.2']);
  expect(all(left, own)).toEqual(all(right, peer));
  expect(all(left, peer)).toEqual(all(right, own));
  const alike = [/(\S+)\/32 dev/g, /virtual_router_id (\d+)/g, /priority (\d+)/g, /advert_int (\S+)/g];
  for (const pattern of alike) expect(all(left, pattern)).toEqual(all(right, pattern));
  expect(new Set(all(left, /virtual_router_id (\d+)/g)).size).toBe(2);
});

test('the conversations of the boxes themselves are nobody else’s states', async () => {
  await written(model('ok/G-908-pair.yaml'));
  const ignored = [...textOf('right', 'conntrackd.conf').matchAll(/^ +IPv4_address (\S+)$/gm)].map(
    ([, one]) => one,
  );
  const boxes = ['10.20.0.2', '10.20.0.3', '10.20.0.1', '10.30.0.2', '10.30.0.3', '10.30.0.1'];
  expect(ignored).toEqual(expect.arrayContaining([...boxes, '127.0.0.1', '192.0.2.1', '192.0.2.2']));
});

test('a model with an error gives nothing', async () => {
  const said = await written(model('err/G-908-pair.yaml'));
  expect(said.status).toBe(1);
  expect(said.err).toContain('G-908');
  expect(readdirSync(out)).toEqual([]);
});

test('a model without a pair is told what to write', async () => {
  const said = await written(model('ok/G-905-addresses.yaml'));
  expect(said.status).toBe(2);
  expect(said.err).toContain('is one of a pair');
});
