import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { InspectorPort } from '../../../rules/policy.ts';
import {
  type EngineDouble,
  type InspectorLink,
  startEngineDouble,
} from '../../gateway/inspector/engine-double.ts';
import { writeRegister } from '../../gateway/inspector/loopback.ts';
import { sampleFlow, samplePolicy } from '../../gateway/inspector/sample.ts';
import { mustRunIn, type Running, startIn } from '../../plant/namespaces/exec.ts';
import { client } from '../bench.ts';
import { type Bench, HmiAddress, layBench, PlcAddress } from '../enforce/bench.ts';
import { divert } from './divert.ts';

/** A single-register write and its answer are the same bytes, so that an echo is a server for it. */
const permitted = writeRegister(0x1234, 140, 42).toString('hex');
const refused = writeRegister(0x1235, 140, 900).toString('hex');

let bench: Bench;
let engine: EngineDouble;
let server: Running;
const running: Running[] = [];

beforeAll(async () => {
  bench = await layBench();
  await divert(bench, { port: InspectorPort });
});

afterAll(() => bench?.network.destroy());

beforeEach(async () => {
  engine = await startEngineDouble();
  server = begin(bench.plc, process.execPath, client('peer.ts'), 'tcp-listen', PlcAddress, '502');
  await server.says(/listening/);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await engine.close();
});

describe('an inspector the kernel diverts connections to', () => {
  test('shows the server its client, answers refusals itself and counts', async () => {
    const { link } = await inspector();
    const hmi = await connected();
    const [, port] = await server.says(/client 10\.20\.0\.10:(\d+)/);
    hmi.tell(permitted);
    await hmi.says(new RegExp(`got ${permitted}`));
    hmi.tell(refused);
    await hmi.says(/got 123500000003018603/);
    const { connection } = await link.hears('opened');
    expect(connection).toMatchObject({
      client: { address: HmiAddress, port: Number(port) },
      server: { address: PlcAddress, port: 502 },
      clientAsset: 'hmi-1',
      serverAsset: 'plc-1',
    });
    expect(server.output().match(/got/g)).toHaveLength(1);
  });

  test('gives a client that ended its side at once the whole answer, and ends in order', async () => {
    const { link } = await inspector();
    const hmi = impatient(0, 1);
    await hmi.says(new RegExp(`round 1 got ${permitted}`));
    await hmi.says(/round 1 ended/);
    expect((await link.hears('closed')).connection).toMatchObject({
      reason: 'client-closed',
      transactions: 1,
      bytesFromServer: 12,
    });
    expect(hmi.output()).not.toContain('failed');
  });

  test('leads a client on that uses its port again at once, to a server without TCP timestamps', async () => {
    await mustRunIn(bench.plc, 'sysctl', '-qw', 'net.ipv4.tcp_timestamps=0');
    await mustRunIn(bench.hmi, 'sysctl', '-qw', 'net.ipv4.tcp_max_tw_buckets=0');
    const { link } = await inspector();
    const hmi = impatient(20_502, 3);
    await hmi.says(/round 3 ended/);
    expect(hmi.output().match(/got/g)).toHaveLength(3);
    expect(server.output().match(/client 10\.20\.0\.10:/g)).toHaveLength(3);
    await mustRunIn(bench.plc, 'sysctl', '-qw', 'net.ipv4.tcp_timestamps=1');
    await link.hears('closed');
  });

  test('killed, resets both ends; the spare takes the port and the next transaction passes', async () => {
    const first = await inspector();
    const spare = await inspector({ listening: false });
    const hmi = await connected();
    hmi.tell(permitted);
    await hmi.says(/got/);
    first.process.kill('SIGKILL');
    await hmi.says(/failed ECONNRESET/);
    await first.link.gone;
    spare.link.send({ kind: 'take', shards: [0] });
    await spare.link.hears('listening');
    const next = await connected();
    next.tell(permitted);
    await next.says(/got/);
  });

  test('resets a client whose server refuses the connection', async () => {
    const { link } = await inspector();
    await server.stop();
    const hmi = begin(bench.hmi, process.execPath, client('peer.ts'), 'tcp', PlcAddress, '502');
    await hmi.says(/failed ECONNRESET/);
    expect((await link.hears('closed')).connection.reason).toBe('server-unreachable');
  });

  test('lets nobody through the policy does not name, though the kernel diverted it', async () => {
    const { link } = await inspector({ sources: '10.20.0.99/32' });
    const hmi = begin(bench.hmi, process.execPath, client('peer.ts'), 'tcp', PlcAddress, '502');
    await hmi.says(/failed ECONNRESET/);
    expect((await link.hears('refusal')).refusal).toMatchObject({
      reason: 'no-flow',
      client: { address: HmiAddress },
    });
    expect(server.output()).not.toContain('client');
  });

  test('cut by a new policy, resets both ends', async () => {
    const { link } = await inspector();
    const hmi = await connected();
    hmi.tell(permitted);
    await hmi.says(/got/);
    await link.enforce(policyFor('10.20.0.99/32'));
    await hmi.says(/failed ECONNRESET/);
  });
});

async function inspector({
  listening = true,
  sources = `${HmiAddress}/32`,
}: {
  listening?: boolean;
  sources?: string;
} = {}): Promise<{ process: Running; link: InspectorLink }> {
  const number = engine.inspectors().length;
  const entry = fileURLToPath(new URL('../../../gateway/inspector/main.ts', import.meta.url));
  const started = begin(bench.gateway, process.execPath, entry, '--engine', engine.path);
  const link = await engine.inspector(number);
  await link.enforce(policyFor(sources));
  if (listening) {
    link.send({ kind: 'take', shards: [0] });
    await link.hears('listening');
  }
  return { process: started, link };
}

function policyFor(sources: string) {
  return samplePolicy({
    assets: [
      {
        name: 'hmi-1',
        zone: 'control',
        addresses: [`${HmiAddress}/32`],
        mac: '',
        modbus: { kind: 'direct', framing: 'mbap', line: undefined },
      },
      {
        name: 'plc-1',
        zone: 'process',
        addresses: [`${PlcAddress}/32`],
        mac: '',
        modbus: { kind: 'direct', framing: 'mbap', line: undefined },
      },
    ],
    flows: [
      sampleFlow({
        sources: [{ asset: 'hmi-1', zone: 'control', prefixes: [sources] }],
        destinations: [{ asset: 'plc-1', zone: 'process', prefixes: [`${PlcAddress}/32`] }],
      }),
    ],
  });
}

async function connected(): Promise<Running> {
  const hmi = begin(bench.hmi, process.execPath, client('peer.ts'), 'tcp', PlcAddress, '502');
  await hmi.says(/connected/);
  return hmi;
}

function impatient(localPort: number, times: number): Running {
  const program = fileURLToPath(new URL('programs/impatient-client.ts', import.meta.url));
  const options = [PlcAddress, '502', String(localPort), permitted, String(times)];
  return begin(bench.hmi, process.execPath, program, ...options);
}

function begin(namespace: string, ...command: readonly string[]): Running {
  const started = startIn(namespace, command);
  running.push(started);
  return started;
}
