import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModbusDevice } from '../../../rules/modbus/profile.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { InspectorLink } from './engine-double.ts';
import { type Bench, openBench } from './inspector-bench.ts';
import { readRegisters, writeRegister } from './loopback.ts';
import { sampleFlow, sampleLimits, samplePermission, samplePolicy, sampleProfile } from './sample.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe('what a conduit tolerates', () => {
  const answersUnderItsOwnUnit = (socket: Socket): void => {
    socket.on('data', (adu) => socket.write(Buffer.concat([adu.subarray(0, 5), OtherUnit])));
  };

  test('passes corrected, and is counted by its name', async () => {
    const [conduit] = samplePolicy().conduits;
    const policy = samplePolicy({ conduits: [{ ...conduit!, tolerances: ['unit-echo'] }] });
    const { client, link } = await towards(answersUnderItsOwnUnit, policy);
    client.socket.write(readRegisters(9, 0, 1));
    expect([...(await client.read(11))]).toEqual([0, 9, 0, 0, 0, 5, 1, 3, 2, 0, 7]);
    await link.counted('C-1/F-1', ({ tolerated }) => tolerated[0]?.what === 'unit-echo');
  });

  test('ends the connection where no conduit says so', async () => {
    const { client, link } = await towards(answersUnderItsOwnUnit, samplePolicy());
    client.socket.write(readRegisters(9, 0, 1));
    expect(await client.ended).toBe('ECONNRESET');
    expect((await link.hears('refusal')).refusal).toMatchObject({
      reason: 'response-mismatch',
      action: 'reset',
      bytes: expect.stringMatching(/^[0-9a-f]{4}000000052a03020007$/),
      offset: 0,
      rule: 'operate/1',
    });
    expect((await link.hears('closed')).connection.reason).toBe('response-mismatch');
  });
});

test('a response nobody asked for is put aside, recorded and counted, and the connection lives', async () => {
  const stray = Buffer.from([0x77, 0x77, 0, 0, 0, 5, 1, 3, 2, 0xde, 0xad]);
  const { client, link } = await towards((socket) => {
    socket.on('data', (adu) => {
      socket.write(Buffer.concat([stray, adu.subarray(0, 4), Buffer.from([0, 5, 1, 3, 2, 0, 7])]));
    });
  }, samplePolicy());
  client.socket.write(readRegisters(9, 0, 1));
  expect([...(await client.read(11))]).toEqual([0, 9, 0, 0, 0, 5, 1, 3, 2, 0, 7]);
  expect((await link.hears('refusal')).refusal).toMatchObject({
    reason: 'response-unsolicited',
    action: 'drop',
    bytes: stray.toString('hex'),
  });
  const flow = await link.counted('C-1/F-1', ({ quarantined }) => quarantined.length > 0);
  expect(flow.quarantined).toEqual([{ reason: 'response-unsolicited', count: 1 }]);
  expect(flow.refusals).toEqual([]);
});

test('a refusal is told with the value before, the message itself and where the rule stands', async () => {
  const step = { max: 5, maxPerMinute: undefined, noOlderThan: 0 };
  const range = [{ first: 0, last: 199 }];
  const profile = sampleProfile({
    permissions: [
      samplePermission({ id: 'operate/1', functions: [3], addresses: range }),
      samplePermission({ id: 'operate/2', functions: [6], addresses: range, step, line: 31 }),
    ],
  });
  const link = await bench.engine.inspector(0);
  await link.enforce(samplePolicy({ profiles: [profile] }));
  const client = await bench.loopback.connect((await link.serve([bench.listener()]))[0]!);
  client.socket.write(readRegisters(1, 140, 1));
  await client.read(11);
  const write = writeRegister(2, 140, 9000);
  client.socket.write(write);
  await client.read(20);
  expect((await link.hears('refusal')).refusal).toMatchObject({
    reason: 'step-too-large',
    action: 'exception',
    before: [bench.plc.memory.holdingRegisters[140]],
    values: [9000],
    bytes: write.toString('hex'),
    offset: 12,
    rule: 'operate/2',
    file: 'zones.yaml',
    line: 31,
  });
});

describe('a broadcast', () => {
  const profile = sampleProfile({
    permissions: [samplePermission({ functions: [6], units: [0], addresses: [{ first: 0, last: 9 }] })],
  });
  const broadcast = writeRegister(1, 5, 1);
  broadcast[6] = 0;

  test.for(['serial-gateway', 'direct'] as const)(
    'towards a %s waits for an answer or does not',
    async (kind) => {
      const modbus: ModbusDevice = { kind, framing: 'mbap', line: undefined };
      const assets = samplePolicy().assets.map((asset) => ({ ...asset, modbus }));
      const limits = sampleLimits({ requestTimeout: 50 });
      const policy = samplePolicy({ assets, profiles: [{ ...profile, limits }] });
      let received = 0;
      const { client } = await towards((socket) => {
        socket.on('data', (bytes) => {
          received += bytes.length;
        });
      }, policy);
      const refused = writeRegister(2, 99, 1);
      refused[6] = 1;
      client.socket.write(Buffer.concat([broadcast, refused]));
      const expected = kind === 'direct' ? [0x86, 0x0b, 0x86, 0x01] : [0x86, 0x01];
      const answers = await client.read(9 * (expected.length / 2));
      expect([...answers].filter((_, index) => index % 9 >= 7)).toEqual(expected);
      expect(received).toBe(broadcast.length);
    },
  );
});

test('a flow lets a source have as many connections as it says, and another source as many again', async () => {
  const profile = sampleProfile({ limits: sampleLimits({ connectionsPerSource: 1 }) });
  const sources = ['hmi-1', 'hmi-2'].map((asset, index) => ({
    asset,
    zone: 'control',
    prefixes: [`10.10.0.1${index}/32`],
  }));
  const link = await bench.engine.inspector(0);
  await link.enforce(samplePolicy({ profiles: [profile], flows: [sampleFlow({ sources })] }));
  const [one, other] = await link.serve([bench.listener(), bench.listener({ as: 'hmi-2' })]);
  const first = await bench.loopback.connect(one!);
  await link.hears('opened');
  expect(await (await bench.loopback.connect(one!)).ended).toBe('ECONNRESET');
  expect((await link.hears('refusal')).refusal).toMatchObject({
    reason: 'connection-limit',
    clientAsset: 'hmi-1',
    flowId: 'C-1/F-1',
  });
  const third = await bench.loopback.connect(other!);
  third.socket.write(readRegisters(1, 0, 1));
  await third.read(11);
  first.socket.end();
  await link.hears('closed');
  const fourth = await bench.loopback.connect(one!);
  fourth.socket.write(readRegisters(1, 0, 1));
  await fourth.read(11);
});

test('clients of one unit wait for each other, and everybody is answered', async () => {
  const profile = sampleProfile({ limits: sampleLimits({ outstandingPerUnit: 1 }) });
  let open = 0;
  let most = 0;
  const { client, link, port } = await towards(
    (socket) => {
      socket.on('data', (adu) => {
        open += 1;
        most = Math.max(most, open);
        setTimeout(() => {
          open -= 1;
          socket.write(Buffer.concat([adu.subarray(0, 4), Buffer.from([0, 5, 1, 3, 2, 0, 7])]));
        }, 2);
      });
    },
    samplePolicy({ profiles: [profile] }),
  );
  const clients = [client, await bench.loopback.connect(port), await bench.loopback.connect(port)];
  for (const each of clients) {
    each.socket.write(Buffer.concat(Array.from({ length: 10 }, (_, id) => readRegisters(id, 0, 1))));
  }
  for (const each of clients) expect(await each.read(110)).toHaveLength(110);
  expect(most).toBe(1);
  expect(link.heard('refusal')).toEqual([]);
});

test('an audit stage that says so lets pass what breaks a rule of the protocol, as it came', async () => {
  const flow = sampleFlow({ auditUntil: Date.now() + 60_000, auditMalformed: true });
  const seen: Buffer[] = [];
  const { client, link } = await towards(
    (socket) => {
      socket.on('data', (adu) => {
        seen.push(adu);
        socket.write(Buffer.concat([adu.subarray(0, 4), Buffer.from([0, 3, 1, 0x83, 3])]));
      });
    },
    samplePolicy({ flows: [flow] }),
  );
  link.send({ kind: 'gates', open: [], tellsTime: true });
  await link.enforce(samplePolicy({ version: 2, flows: [flow] }));
  const broken = Buffer.from([0, 9, 0, 0, 0, 7, 1, 3, 0, 0, 0, 1, 0]);
  client.socket.write(broken);
  expect([...(await client.read(9))]).toEqual([0, 9, 0, 0, 0, 3, 1, 0x83, 3]);
  expect(seen[0]?.subarray(2)).toEqual(broken.subarray(2));
  expect((await link.hears('refusal')).refusal).toMatchObject({
    verdict: 'would-refuse',
    reason: 'malformed-pdu',
    bytes: broken.toString('hex'),
  });
});

/** A client of hmi-1 under a policy, and a server of the test's own in place of plc-1. */
async function towards(
  serve: (socket: Socket) => void,
  policy: Policy,
): Promise<{ client: Awaited<ReturnType<Bench['loopback']['connect']>>; link: InspectorLink; port: number }> {
  const serverPort = await bench.loopback.listen(serve);
  const link = await bench.engine.inspector(0);
  await link.enforce(policy);
  const server = { address: '127.0.0.1', port: serverPort };
  const [port] = await link.serve([bench.listener({ server })]);
  return { client: await bench.loopback.connect(port!), link, port: port! };
}

/** Length, unit 42 and one register, 7. */
const OtherUnit = Buffer.from([5, 42, 3, 2, 0, 7]);
