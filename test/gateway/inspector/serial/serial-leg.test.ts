import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createLines, type Lines } from '../../../../gateway/inspector/serial/lines.ts';
import type { SerialLeg } from '../../../../gateway/inspector/serial/serial-leg.ts';
import type { SerialLine } from '../../../../rules/modbus/profile.ts';
import { adu, hexOf } from '../../../rules/modbus/request-builders.ts';
import { answerTo, createFakeWire, type FakeDevices, type FakeWire, frame } from './fake-wire.ts';

const settings: SerialLine = {
  port: 'rs485-1',
  baud: 115_200,
  parity: 'even',
  stopBits: 1,
  timeout: 50,
  units: [],
};

let lines: Lines;
let wire: FakeWire;
let problems: string[];
afterEach(() => lines.close());

test('a leg gives the answer under the identifier of the request', async () => {
  begin(answering);
  const leg = connect();
  leg.write(adu(0xbeef, '01 03 0000 0001'));
  expect(await read(leg)).toBe(hexOf(adu(0xbeef, '01 03 02 002a')));
  expect(wire.heard).toEqual([Buffer.from(frame('01 03 0000 0001')).toString('hex')]);
});

test('two legs share the line, and each gets its own answers', async () => {
  begin((asked, say) => void setTimeout(() => say(answerTo(asked, asked[3] ?? 0)), 2));
  const [one, other] = [connect('hmi'), connect('historian')];
  for (const register of [1, 2, 3]) {
    one.write(adu(register, `01 03 00 0${register} 0001`));
    other.write(adu(register, `02 03 00 0${register} 0001`));
  }
  const three = 3 * adu(1, '01 03 02 0001').length;
  await until(() => one.readableLength === three && other.readableLength === three);
  expect(wire.heard).toHaveLength(6);
  const answers = (unit: string): string =>
    [1, 2, 3].map((register) => hexOf(adu(register, `${unit} 03 02 000${register}`))).join(' ');
  expect(await read(one)).toBe(answers('01'));
  expect(await read(other)).toBe(answers('02'));
});

test('several ADUs in one write are asked one after the other', async () => {
  begin(answering);
  const leg = connect();
  leg.write(Buffer.concat([adu(1, '01 03 0000 0001'), adu(2, '02 03 0000 0001')]));
  await until(() => wire.heard.length === 2);
});

test.for<[string, Uint8Array, string]>([
  ['a unit that does not answer', adu(7, '09 03 0000 0001'), '09 83 0b'],
  ['a unit that a line cannot have', adu(7, 'ff 03 0000 0001'), 'ff 83 0a'],
  ['more than a frame can hold', adu(7, `01 41 ${'00'.repeat(300)}`), '01 c1 03'],
])('%s is answered by the gateway', async ([, asked, answer]) => {
  begin((frame, say) => {
    if (frame[0] !== 9) say(answerTo(frame));
  });
  const leg = connect();
  leg.write(asked);
  expect(await read(leg)).toBe(hexOf(adu(7, answer)));
});

test('a port that gateway.yaml does not name is a path that is unavailable', async () => {
  begin(answering);
  lines.setPorts(new Map());
  const leg = connect();
  leg.write(adu(7, '01 03 0000 0001'));
  expect(await read(leg)).toBe(hexOf(adu(7, '01 83 0a')));
  expect(problems).toEqual(['rs485-1: gateway.yaml names no tty for it (serial.rs485-1)']);
});

test('no exception is given within the call that asked', async () => {
  begin(answering);
  const leg = connect();
  let given = 0;
  leg.on('data', () => {
    given += 1;
  });
  leg.write(adu(7, 'ff 03 0000 0001'));
  await until(() => given === 1);
  leg.write(adu(8, 'ff 03 0000 0001'));
  expect(given).toBe(1);
  await until(() => given === 2);
});

test('a broadcast has no answer', async () => {
  begin(answering);
  const leg = connect();
  leg.write(adu(1, '00 06 0000 0001'));
  leg.write(adu(2, '01 03 0000 0001'));
  expect(await read(leg)).toBe(hexOf(adu(2, '01 03 02 002a')));
});

test('a leg that is ended gives the answers that are due, and then its end', async () => {
  begin((asked, say) => void setTimeout(() => say(answerTo(asked)), 5));
  const leg = connect();
  leg.end(adu(1, '01 03 0000 0001'));
  const chunks: Buffer[] = [];
  for await (const chunk of leg) chunks.push(chunk as Buffer);
  expect(hexOf(Buffer.concat(chunks))).toBe(hexOf(adu(1, '01 03 02 002a')));
});

test('a leg that is ended and has nothing due ends at once', async () => {
  begin(answering);
  const leg = connect();
  leg.resume().end();
  await once(leg, 'close');
});

test('what a leg had waiting when it was reset is never sent', async () => {
  begin((asked, say) => void setTimeout(() => say(answerTo(asked)), 10));
  const [one, other] = [connect('hmi'), connect('hmi')];
  one.write(adu(1, '01 03 0000 0001'));
  other.write(adu(1, '01 06 0000 0001'));
  other.resetAndDestroy();
  one.write(adu(2, '01 03 0002 0001'));
  await until(() => wire.heard.length === 2);
  expect(wire.heard.some((one) => one.startsWith('0106'))).toBe(false);
});

test('what a leg takes back before it is sent is answered as busy, and the leg lives on', async () => {
  begin((asked, say) => void setTimeout(() => say(answerTo(asked)), 10));
  const [one, other] = [connect('hmi'), connect('scada')];
  one.write(adu(1, '01 03 0000 0001'));
  other.write(adu(7, '01 06 0000 0001'));
  other.withdraw();
  expect(await read(other)).toBe(hexOf(adu(7, '01 86 06')));
  other.write(adu(8, '01 03 0000 0001'));
  expect(await read(other)).toBe(hexOf(adu(8, '01 03 02 002a')));
  expect(wire.heard.some((asked) => asked.startsWith('0106'))).toBe(false);
});

test('a line with other settings, or on another tty, is another line: its legs end and the port is given back', async () => {
  begin(answering);
  const first = connect();
  first.write(adu(1, '01 03 0000 0001'));
  await read(first);
  lines.keep([settings]);
  expect(first.destroyed).toBe(false);
  lines.keep([{ ...settings, baud: 9_600 }]);
  expect(first.destroyed).toBe(true);
  const second = lines.connect({ ...settings, baud: 9_600 }, { client: 'hmi', patience: 1_000 });
  second.write(adu(1, '01 03 0000 0001'));
  expect(await read(second)).toBe(hexOf(adu(1, '01 03 02 002a')));
  lines.setPorts(new Map([['rs485-1', '/dev/ttyS7']]));
  expect(second.destroyed).toBe(true);
  expect(wire.opened()).toBe(2);
});

const answering: FakeDevices = (asked, say) => say(answerTo(asked));

function begin(devices: FakeDevices): void {
  wire = createFakeWire(devices);
  problems = [];
  lines = createLines({
    open: (_tty, _line, events) => wire.open(events),
    now: () => performance.now(),
    onPort: (port, problem) => {
      if (problem !== '') problems.push(`${port}: ${problem}`);
    },
  });
  lines.setPorts(new Map([['rs485-1', '/dev/ttyS1']]));
}

function connect(client = 'hmi'): SerialLeg {
  return lines.connect(settings, { client, patience: 1_000 });
}

async function read(leg: SerialLeg): Promise<string> {
  await until(() => leg.readableLength > 0);
  return hexOf(leg.read() as Buffer);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(1);
}
