import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { receiptMessage } from '../../../gateway/broker/receipt.ts';
import { named } from '../../../gateway/cli/grants/grants.ts';
import { describeGrant, describeGrants, describeSessions } from '../../../gateway/cli/grants/grants-text.ts';
import { checkReceipt } from '../../../gateway/cli/grants/receipt.ts';
import type { GrantBody } from '../../../gateway/ipc/grant-body.ts';
import { formatKey, KeyTypes, noteKey } from '../../../rules/evidence/note.ts';
import { sha256 } from '../../rules/session/sample-grant.ts';

const grant: GrantBody = {
  id: 'G-7F3K92QDXM',
  digest: '39d1348adc'.padEnd(64, '0'),
  code: '778K-92PW',
  state: 'open',
  vendor: 'pumpco',
  company: 'PumpCo Service AB',
  person: 'service-1@pumpco.example',
  fullName: 'Sven Lind',
  targets: [
    {
      id: 'pumpco/plc-dosing.502',
      asset: 'plc-dosing',
      zone: 'process',
      port: 502,
      profile: 'vendor-diagnosis',
      pinhole: false,
    },
  ],
  carrier: 'tls',
  weak: false,
  reason: 'The dosing pump stops at low flow.',
  ticket: 'CHG-2001',
  length: 7_200_000,
  requestedAt: Date.UTC(2026, 10, 25, 11),
  requestEndsAt: 0,
  missing: [],
  approvals: [
    { by: 'lena', role: 'shift-lead', at: Date.UTC(2026, 10, 25, 11, 5), means: 'totp', weak: true },
  ],
  extension: 0,
  openedAt: Date.UTC(2026, 10, 25, 11, 5),
  endsAt: Date.UTC(2026, 10, 25, 13, 5),
  secondsLeft: 5400,
  idle: 900_000,
  idleLeft: 60_000,
  warning: 'Nothing is sent: it ends in 60 s unless something is.',
  conditions: [{ what: 'key-switch', holds: true, sentence: 'The key switch is closed.' }],
  channels: [],
  bytesFromClient: 120,
  bytesFromServer: 480,
  writes: 1,
  refused: 2,
  lastActivity: 0,
  closedAt: 0,
  cause: '',
  closedBy: '',
  why: '',
  breakGlass: false,
  receipt: false,
};

describe('grants on a terminal', () => {
  test('are who is inside, on what, and for how long still', async () => {
    await expect(
      [describeSessions([grant]), describeSessions([]), describeGrants([grant]), describeGrant(grant)].join(
        '\n\n',
      ),
    ).toMatchFileSnapshot('../../golden/grants/open.txt');
  });

  test('say how it ended, by whom, and what was weak', async () => {
    const closed: GrantBody = {
      ...grant,
      state: 'closed',
      carrier: 'pinhole',
      weak: true,
      breakGlass: true,
      cause: 'grant-stopped',
      closedBy: 'console:root',
      why: 'enough',
      closedAt: Date.UTC(2026, 10, 25, 12),
      warning: '',
    };
    const asked: GrantBody = {
      ...grant,
      state: 'requested',
      missing: ['shift-lead'],
      openedAt: 0,
      approvals: [],
    };
    await expect(
      [describeGrants([closed, asked]), describeGrant(closed), describeGrant(asked)].join('\n\n'),
    ).toMatchFileSnapshot('../../golden/grants/ended.txt');
  });

  test('are named as they are printed, in capitals or not', () => {
    expect(named('g-7f3k92qdxm')).toBe('G-7F3K92QDXM');
    expect(() => named('7F3K')).toThrow('is no grant');
    expect(() => named('G-../../etc')).toThrow('is no grant');
  });
});

describe('a receipt', () => {
  let folder: string;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const key = formatKey(noteKey('penstock/riverside-wtp/cgw-01/00000000', KeyTypes.ed25519, raw, sha256));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pst-receipt-'));
    vi.spyOn(console, 'log').mockReturnValue();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(change: object = {}): string {
    const text = '{"receipt":1,"cause":"grant-ended"}';
    const signature = sign(null, receiptMessage(text), privateKey).toString('base64');
    const file = join(folder, 'receipt.json');
    writeFileSync(file, JSON.stringify({ text, signature, publicKey: key, verify: '', ...change }));
    return file;
  }

  test('is good as it was signed', async () => {
    expect(await checkReceipt(write(), { key })).toBe(0);
  });

  test('is not when a letter of it was changed, or another key is believed', async () => {
    expect(await checkReceipt(write({ text: '{"receipt":1,"cause":"grant-idle"}' }), { key })).toBe(1);
    const other = formatKey(noteKey('penstock/x/y/0', KeyTypes.ed25519, Buffer.alloc(32, 1), sha256));
    expect(await checkReceipt(write({ publicKey: other }), { key: other })).toBe(1);
  });

  test('that is none is said to be none', async () => {
    await expect(checkReceipt(write({ signature: 7 }), { key })).rejects.toThrow('is no receipt');
    await expect(checkReceipt(write(), { key: 'penstock+00000000+AAAA' })).rejects.toThrow('no public key');
  });

  test('cannot be a signature over something else with the same bytes', async () => {
    const text = '{"receipt":1,"cause":"grant-ended"}';
    const bare = sign(null, Buffer.from(text), privateKey).toString('base64');
    expect(await checkReceipt(write({ signature: bare }), { key })).toBe(1);
  });
});
