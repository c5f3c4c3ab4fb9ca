import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addAccount,
  describeAccounts,
  disableAccount,
  firstAdministrator,
  listAccounts,
  resetAccount,
  unlockAccount,
} from '../../../gateway/cli/account.ts';
import { init } from '../../../gateway/cli/init.ts';
import { readConfig } from '../../../gateway/config.ts';
import type { AccountBody } from '../../../gateway/ipc/account-body.ts';
import { type Box, openBox } from '../engine/box.ts';
import { command } from './command.ts';

let box: Box;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pst-account-'));
  box = await openBox();
  box.startEngine();
  await box.status();
});
afterAll(async () => {
  await box.close();
  rmSync(home, { recursive: true, force: true });
});

const config = (more: object = {}) => ({ config: box.configFile, by: 'anna', ...more });

describe('penstock account', () => {
  test('makes the first administrator once, and prints a code to hand over', async () => {
    expect((await command(() => listAccounts(config()))).out).toMatch(/^nobody has an account; /);
    const made = await command(() => firstAdministrator('ada', { ...config(), fullName: 'Ada Lind' }));
    expect(made).toMatchObject({ status: 0, err: '' });
    expect(made.out).toMatch(
      /^invitation for ada {2}(\w{4}-){3}\w{4}\n {2}Hand it over in person\. .* UTC, /,
    );
    const again = await command(() => firstAdministrator('eve', { ...config(), fullName: 'Eve' }));
    expect(again.status).toBe(1);
    expect(again.err).toMatch(/^PST_NOT_NOW .*There are accounts already\.\n {2}\w/);
  });

  test('adds a vendor with an end, and gives a script the same', async () => {
    const vendor = { ...config({ json: true }), fullName: 'Vic', role: ['vendor'], vendor: 'pumpco' };
    const refused = await command(() => addAccount('vic@pumpco.example', vendor));
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({ code: 'PST_NOT_WORD', remedy: expect.any(String) });
    const added = await command(() => addAccount('vic@pumpco.example', { ...vendor, ends: '2099-03-31' }));
    expect(added.status).toBe(0);
    expect(JSON.parse(added.out)).toMatchObject({ name: 'vic@pumpco.example', code: expect.any(String) });
  });

  test('disables, unlocks and resets, each on record as done at the console', async () => {
    const vic = 'vic@pumpco.example';
    expect((await command(() => unlockAccount(vic, config()))).out).toBe(`${vic} may sign in again`);
    const reset = await command(() => resetAccount(vic, { ...config(), reason: 'code lost' }));
    // Nobody has taken the invitation up: one is enough to give another.
    expect(reset.out).toMatch(/^invitation for vic@pumpco\.example /);
    const off = await command(() => disableAccount(vic, config()));
    expect(off).toMatchObject({ status: 0, out: `${vic} is disabled; its sign-ins and grants have ended` });
    const records = await box.records();
    const acts = records.flatMap((one) => (one.kind === 'act' ? [one.act] : []));
    const changes = acts.flatMap((act) => (act.kind === 'accountChanged' ? [act] : []));
    expect(changes.map(({ what }) => what)).toEqual(['added', 'added', 'unlocked', 'reset', 'disabled']);
    for (const { by } of changes) expect(by).toMatch(/^console:anna/);
    expect((await command(() => listAccounts(config()))).out).toMatch(
      /^name .*\nada +Ada Lind +administrator +invited +no second factor\nvic@pumpco\.example +Vic +vendor +pumpco +disabled/,
    );
  });

  test.for<[string, () => Promise<number>, number, RegExp]>([
    ['a name with blanks', () => disableAccount('Ada Lind', config()), 2, /is no name of an account/],
    ['a name that is a path', () => unlockAccount('../ada', config()), 2, /is no name of an account/],
    [
      'a role there is not',
      () => addAccount('x', { ...config(), fullName: 'X', role: ['root'] }),
      2,
      /There is no role root/,
    ],
    [
      'an end that is no time',
      () => addAccount('x', { ...config(), fullName: 'X', role: ['viewer'], ends: 'soon' }),
      2,
      /--ends soon is not a time/,
    ],
    ['nobody of that name', () => disableAccount('nobody', config()), 1, /PST_NOT_HERE/],
    ['no engine', () => listAccounts({ config: elsewhere() }), 3, /PST_ERR_ENGINE_GONE/],
  ])('says what is wrong with %s', async ([, act, status, sentence]) => {
    const said = await command(act);
    expect(said.status).toBe(status);
    expect(said.err).toMatch(sentence);
    expect(said.err).not.toMatch(/\n\s+at /);
  });
});

test('the list tells what needs somebody', () => {
  const at = Date.UTC(2026, 10, 21, 12, 0);
  const person: AccountBody = {
    name: 'pia',
    fullName: 'Pia Ek',
    roles: ['approver'],
    duties: ['shift-lead'],
    vendor: '',
    state: 'locked',
    endsAt: 0,
    lockedUntil: at,
    factors: [{ id: '1', kind: 'totp', label: 'phone', since: at, lastUsed: at }],
    recoveryCodes: 10,
    signIns: 2,
    lastSignIn: at,
    mayNotApproveUntil: at,
    resetAskedBy: 'ada',
  };
  expect(describeAccounts([person]).split('\n')[1]).toBe(
    'pia   Pia Ek  approver  shift-lead          locked  signed in ×2, locked until 2026-11-21 12:00 UTC, may not approve until 2026-11-21 12:00 UTC, reset asked for by ada',
  );
});

test('penstock init gives the box a name, and takes no address for one', async () => {
  const site = join(home, 'site');
  await command(() => init(site, { name: 'penstock.plant.example' }));
  expect(readConfig(join(site, 'gateway.yaml')).name).toBe('penstock.plant.example');
  for (const name of ['10.15.0.1', 'localhost', 'Penstock.Plant', 'a..b', '-a.example', 'x'.repeat(254)]) {
    const said = await command(() => init(join(home, 'other'), { name }));
    expect(said).toMatchObject({ status: 2, err: expect.stringContaining('is no name of a box') });
  }
});

function elsewhere(): string {
  const file = join(home, 'gone.yaml');
  writeFileSync(
    file,
    `back_end: proxy\nsite: x\ngateway: y\ntrusted_keys: [a.pem]\nstate: ${home}/s\nrun: ${home}/r\npage: {listen: "127.0.0.1:0"}\nmetrics: {listen: "127.0.0.1:0"}\n`,
  );
  return file;
}
