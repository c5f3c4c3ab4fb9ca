import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KeptGrant, NoTotals } from '../../../gateway/broker/grant-entry.ts';
import { openGrantStore } from '../../../gateway/broker/grant-store.ts';
import { opened } from '../../rules/session/sample-grant.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pst-grants-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const kept: KeptGrant = {
  format: 1,
  grant: opened(),
  company: 'Pump Co',
  fullName: 'Sven',
  targets: [],
  opening: false,
  approvals: [],
  extensions: [],
  channels: [],
  earlier: NoTotals,
  operations: [],
  operationsLeftOut: 0,
  receipt: undefined,
};

test('what was kept is found again, as it was', async () => {
  await openGrantStore(home).save(kept);
  const { receipt: _, ...rest } = kept;
  expect(openGrantStore(home).load()).toEqual({ grants: [rest], unreadable: [] });
});

test('nobody but the engine reads it', async () => {
  await openGrantStore(home).save(kept);
  const directory = join(home, 'access', 'grants');
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, 'G-7F3K92QD.json')).mode & 0o777).toBe(0o600);
});

test('what is torn, of another release, or nobody’s is told and not guessed', async () => {
  const store = openGrantStore(home);
  await store.save(kept);
  const directory = join(home, 'access', 'grants');
  for (const [name, text] of [
    ['G-AAAA.json', '{"format":1,"gra'],
    ['G-BBBB.json', '{"format":2}'],
    ['G-CCCC.json', 'null'],
  ] as const) {
    writeFileSync(join(directory, name), text);
  }
  writeFileSync(join(directory, 'G-DDDD.json.new'), 'half a file');
  const { grants, unreadable } = store.load();
  expect(grants).toHaveLength(1);
  expect(unreadable.toSorted()).toEqual(['G-AAAA.json', 'G-BBBB.json', 'G-CCCC.json']);
});

test('what ended long ago is given up', async () => {
  const store = openGrantStore(home);
  await store.save(kept);
  await store.forget('G-7F3K92QD');
  await store.forget('G-7F3K92QD');
  expect(readdirSync(join(home, 'access', 'grants'))).toEqual([]);
});

test('a directory that cannot be made is told, keeps nothing, and stops nobody', async () => {
  writeFileSync(join(home, 'access'), 'in the way');
  const store = openGrantStore(home);
  expect(store.load()).toEqual({ grants: [], unreadable: [join(home, 'access', 'grants')] });
  await expect(store.save(kept)).rejects.toMatchObject({ code: 'PST_ERR_STATE_DIR' });
  rmSync(join(home, 'access'));
  await store.save(kept);
  expect(store.load().grants).toHaveLength(1);
});
