import { X509Certificate } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyReceipt } from '../../../gateway/broker/receipt.ts';
import { readConfig } from '../../../gateway/config.ts';
import type { GrantBody } from '../../../gateway/ipc/grant-body.ts';
import { carriersDirectory } from '../../../gateway/run/processes.ts';
import type { Policy } from '../../../rules/policy.ts';
import { FirstAdministrator, meetPeople, type People, type Person } from '../../system/vendor/people.ts';
import { readRegisters, writeRegister } from '../inspector/loopback.ts';
import { type Box, type Child, eventually, isReady, openBox } from './box.ts';
import { verifyDirectory } from './verify-directory.ts';

/*
 * A gateway on loopback, its engine and inspectors real, the test in the place of the front: a vendor asks, a shift
 * lead says yes with a passkey, a channel leads to the controller, and everything of it can be proved afterwards.
 */

let box: Box;
let engine: Child;
let people: People;
let vendor: Person;
let lead: Person;

const Target = 'pumpco/plc-dosing.502';

beforeEach(async () => {
  box = await openBox();
  const server = `127.0.0.1:${box.plc.port}`;
  box.configure({
    clock: 'by-hand',
    vendor: {
      tls: { listen: '127.0.0.1:0' },
      ssh: { listen: '127.0.0.1:0' },
      targets: [{ asset: 'plc-dosing', port: 502, server }],
    },
  });
  engine = box.startEngine();
  box.startInspector('--carriers', carriersDirectory(readConfig(box.configFile)));
  box.startInspector('--carriers', carriersDirectory(readConfig(box.configFile)));
  await box.status();
  // The policy's own tests are about its window, which is not the one of this day.
  const policy = box.sealed({ version: 42, vendors: anyTime(box.policy), tests: [] });
  expect(await box.apply(policy)).toMatchObject({ ok: true });
  await box.status(isReady);
  people = await meetPeople(box.configFile);
  await people.add(FirstAdministrator, ['administrator']);
  lead = await people.add('lena', ['approver', 'operator'], { duties: ['shift-lead'] });
  vendor = await people.add('service-1@pumpco.example', ['vendor'], { vendor: 'pumpco' });
});
afterEach(async () => {
  people?.close();
  await box.close();
});

test('a session is asked for, approved, used, ended, and proved', async () => {
  const open = await opened();
  expect(open).toMatchObject({ state: 'open', approvals: [{ by: 'lena', means: 'passkey', weak: false }] });
  const socket = await channel(open);
  const answered = await socket.asks(readRegisters(1, 140, 1), 11);
  expect(answered.length).toBe(11);
  // The profile of the grant reads and writes nothing.
  const refused = await socket.asks(writeRegister(2, 100, 350), 9);
  expect(refused.subarray(-2)).toEqual(Buffer.from([0x86, 1]));
  const [operation] = await eventually(
    () => people.call('operations', { after: 0 }, lead),
    (all) => all.some(({ outcome }) => outcome === 'refused'),
  );
  expect(operation).toMatchObject({ grant: open.id, person: vendor.name, target: Target });

  await people.call('grant-end', { grant: open.id, why: 'enough' }, lead);
  await socket.ended;
  const closed = await eventually(
    () => people.call('grant', { grant: open.id }, vendor),
    ({ receipt }) => receipt,
  );
  expect(closed).toMatchObject({ state: 'closed', cause: 'grant-stopped', closedBy: 'lena', refused: 1 });

  const receipt = await people.call('grant-receipt', { grant: open.id }, vendor);
  const { broken, verdict, isSigned } = await verifyDirectory(join(box.config.state, 'evidence'));
  expect(verifyReceipt(receipt, isSigned)).toBe(true);
  expect(verifyReceipt({ ...receipt, text: receipt.text.replace('enough', 'enouhg') }, isSigned)).toBe(false);
  expect(JSON.parse(receipt.text)).toMatchObject({
    grant: open.id,
    cause: 'grant-stopped',
    approvals: [{ by: 'lena', strength: 'signed by the passkey' }],
    refused: [{ outcome: 'refused', reason: 'fc-not-allowed' }],
    channels: [{ target: Target, cause: 'grant-stopped' }],
  });
  expect(broken).toEqual([]);
  expect(verdict.sessions).toBe(1);
});

describe('a killed engine', () => {
  test('takes every session with it; the next one says so on record', { tags: ['deep'] }, async () => {
    const open = await opened();
    const socket = await channel(open);
    await socket.asks(readRegisters(1, 140, 1), 11);
    engine.process.kill('SIGKILL');
    await socket.ended;
    box.startEngine();
    const closed = await box.act('grantClosed');
    expect(closed).toMatchObject({ grant: open.id, cause: 'box-restarted' });
    const { broken } = await verifyDirectory(join(box.config.state, 'evidence'));
    expect(broken).toEqual([]);
  });
});

async function opened(): Promise<GrantBody> {
  const asks = { vendor: 'pumpco', targets: [Target], carrier: 'tls', length: 600_000 } as const;
  const { id } = await people.call(
    'grant-request',
    { ...asks, targets: [Target], reason: 'a drift', ticket: 'T-7' },
    vendor,
  );
  return people.approve(lead, id);
}

/** What the front does for a client that has shown the grant's certificate. */
async function channel({ id }: GrantBody) {
  const { certificate } = await people.call('grant-credentials', { grant: id }, vendor);
  const proof = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
  const { path, token } = await people.call('carrier-open', {
    carrier: 'tls',
    grant: id,
    target: Target,
    proof,
  });
  const socket = connect(path);
  let received = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
  });
  socket.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(`${token}\n`);
  await eventually(async () => (received.length >= 1 ? received : undefined));
  expect(received.toString()).toBe('+');
  received = Buffer.alloc(0);
  return {
    ended,
    asks: async (bytes: Uint8Array, length: number) => {
      socket.write(bytes);
      const answer = await eventually(async () => (received.length >= length ? received : undefined));
      received = Buffer.alloc(0);
      return answer;
    },
  };
}

/** The vendors of a policy, at any hour, with one approval each. */
function anyTime({ vendors }: Policy): Policy['vendors'] {
  return vendors.map((one) => ({
    ...one,
    approval: { ...one.approval, second: '' },
    targets: one.targets.map((flow) => ({
      ...flow,
      gate: { opensAt: 0, closesAt: 0, schedule: undefined, session: true },
    })),
  }));
}
