import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { mustRunIn, type Running } from '../../plant/namespaces/exec.ts';
import { type BareBox, batchOf, layBareBox, onePolicy } from './bare-box.ts';

let bare: BareBox;

beforeAll(async () => {
  bare = await layBareBox();
  await mustRunIn(bare.pc, 'ip', 'address', 'add', '10.1.0.11/24', 'dev', 'eth0');
});

afterEach(() => bare.clear());
afterAll(() => bare.destroy());

test('packets above a flow’s limit are dropped and counted, and another flow’s are not', async () => {
  await load(`F-01: {src: pc, dst: plc, proto: udp, port: 7001, limits: {packets_per_second: 50}}
      F-02: {src: pc, dst: plc, proto: udp, port: 7002, limits: {packets_per_second: 5000}}`);
  await hear(7001);
  await hear(7002);
  await blast(7001, 2000);
  const over = await bare.counter('rate-exceeded');
  expect(over).toBeGreaterThan(500);
  // Every packet was either dropped above the limit or let through under it.
  expect(over + (await passed('C-01/F-01'))).toBe(2000);
  await blast(7002, 2000);
  expect(await passed('C-01/F-02')).toBe(2000);
});

test('replies count against no limit of their clients', async () => {
  await load('F-01: {src: pc, dst: plc, proto: udp, port: 7001, limits: {packets_per_second: 10}}');
  const server = bare.start(bare.plc, 'udp-listen', '10.2.0.30', 7001);
  await server.says(/listening/);
  const peer = bare.start(bare.pc, 'udp', '10.2.0.30', 7001);
  await peer.says(/ready/);
  for (let round = 10; round < 16; round += 1) {
    peer.tell(String(round));
    await peer.says(new RegExp(`got ${round}`));
  }
  expect(await bare.counter('rate-exceeded')).toBe(0);
});

test('a source may hold so many connections, and one that ends makes room', async () => {
  await load('F-01: {src: [office], dst: plc, proto: tcp, port: 7001, limits: {connections_per_source: 2}}');
  await listen(7001);
  const [first, second] = [connect(7001), connect(7001)];
  await first.says(/connected/);
  await second.says(/connected/);
  const third = connect(7001);
  await expect.poll(() => bare.counter('connection-limit'), Patience).toBeGreaterThan(0);
  expect(third.output()).not.toContain('connected');
  // Another source has an account of its own.
  expect(await connectsFrom('10.1.0.11', 7001)).toContain('connected');
  await third.stop();
  await first.stop();
  await expect.poll(() => connectsFrom('10.1.0.10', 7001), Patience).toContain('connected');
});

test('a source may begin so many connections a second, each source by itself', async () => {
  await load(
    'F-01: {src: [office], dst: plc, proto: udp, port: 7001, limits: {new_per_second_per_source: 5}}',
  );
  await hear(7001);
  await scatter('10.1.0.10', 7001, 100);
  expect(await bare.counter('rate-exceeded')).toBeGreaterThan(40);
  const before = await passed('C-01/F-01');
  expect(before).toBeGreaterThanOrEqual(5);
  await scatter('10.1.0.11', 7001, 3);
  expect(await passed('C-01/F-01')).toBe(before + 3);
});

test('connections to an inspector are begun no faster than the flow may', async () => {
  const profile = 'modbus_profiles: {read: {allow: [{fc: [3], units: [1], address: 0-9}]}}\n';
  await load(
    'F-01: {src: pc, dst: plc, proto: tcp, port: 502, modbus: read, limits: {new_per_second: 2}}',
    profile,
  );
  const knock = `for (let count = 0; count < 30; count += 1) {
  const socket = require('node:net').connect({ host: '10.2.0.30', port: 502 });
  socket.on('error', ({ code }) => console.log(code));
}`;
  const said = bare.run(bare.pc, process.execPath, '-e', knock);
  await expect.poll(() => bare.counter('rate-exceeded'), Patience).toBeGreaterThan(0);
  // Below the limit they go on, and with no inspector here are refused for that.
  await said.says(/ECONNREFUSED\nECONNREFUSED/);
  expect(await bare.counter('inspector-lost')).toBeGreaterThanOrEqual(2);
});

test('a changed limit is put in place of the former one', async () => {
  const flow = (limit: number) =>
    onePolicy(`F-01: {src: pc, dst: plc, proto: udp, port: 7001, limits: {packets_per_second: ${limit}}}`);
  for (const limit of [10, 20]) {
    await bare.load(batchOf(flow(limit)));
    expect(await bare.differences([batchOf(flow(limit))])).toEqual([]);
  }
});

async function load(flows: string, more = ''): Promise<void> {
  const batch = batchOf(onePolicy(flows, '', more));
  await bare.load(batch);
  expect(await bare.differences([batch])).toEqual([]);
}

/** Takes datagrams and says nothing, so that the controller's kernel says nothing either. */
async function hear(port: number): Promise<void> {
  const ear = `require('node:dgram').createSocket('udp4').bind(${port}, () => console.log('listening'))`;
  await bare.run(bare.plc, process.execPath, '-e', ear).says(/listening/);
}

/** What a client at an address says that tries to connect for a while. */
async function connectsFrom(source: string, port: number): Promise<string> {
  const one = `const socket = require('node:net').connect({ host: '10.2.0.30', port: ${port}, localAddress: '${source}' });
socket.on('connect', () => { console.log('connected'); process.exit(); });
setTimeout(() => process.exit(), 3000);`;
  return mustRunIn(bare.pc, process.execPath, '-e', one);
}

async function listen(port: number): Promise<void> {
  await bare.start(bare.plc, 'tcp-listen', '10.2.0.30', port).says(/listening/);
}

function connect(port: number): Running {
  return bare.start(bare.pc, 'tcp', '10.2.0.30', port);
}

/** Packets that passed for a flow. */
async function passed(flow: string): Promise<number> {
  const counted = new RegExp(`packets (\\d+) bytes \\d+ comment "${flow}"`);
  return Number(counted.exec(await bare.listed('set', 'permits'))?.[1]);
}

/** Sends datagrams of one byte over one connection, as fast as it can. */
async function blast(port: number, count: number): Promise<void> {
  await mustRunIn(bare.pc, process.execPath, '-e', Blast, '10.1.0.10', String(port), String(count), 'one');
}

/** Sends each datagram from a port of its own. */
async function scatter(source: string, port: number, count: number): Promise<void> {
  await mustRunIn(bare.pc, process.execPath, '-e', Blast, source, String(port), String(count), 'many');
}

const Blast = `
const [source, port, count, how] = process.argv.slice(1);
const { createSocket } = require('node:dgram');
const open = (then) => { const socket = createSocket('udp4'); socket.bind(0, source, () => then(socket)); };
let left = Number(count);
const send = (socket) => {
  if (left-- <= 0) return socket.close();
  socket.send('x', Number(port), '10.2.0.30', () => {
    if (how === 'one') return send(socket);
    socket.close();
    open(send);
  });
};
open(send);
`;

/** Far more than anything here takes, so that a slow machine fails no test. */
const Patience = { timeout: 20_000 };
