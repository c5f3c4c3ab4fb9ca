import { expect, test } from 'vitest';
import { createDropSum, isDropReading, MaxTuples } from '../../../gateway/enforce/kernel/drop-summary.ts';
import type { LoggedPacket } from '../../../gateway/enforce/kernel/packet-log.ts';

const Described = {
  prefix: 'no-flow',
  indev: 'dev3',
  outdev: 'dev4',
  src: '10.20.0.10',
  dst: '10.30.0.12',
  protocol: 6,
} as const;

test('packets that agree in all but the source port are one drop with their count', () => {
  const sum = createDropSum();
  sum.add(packet({ sequence: 0, sport: 40000 }));
  sum.add(packet({ sequence: 1, sport: 40001 }));
  sum.add(packet({ sequence: 2, dport: 80 }));
  expect(sum.take(deviceName)).toEqual({
    kind: 'drops',
    drops: [
      { ...Described, sport: 40000, dport: 502, count: 2 },
      { ...Described, sport: 50000, dport: 80, count: 1 },
    ],
    others: 0,
    lost: 0,
  });
});

test('what was taken is not counted again', () => {
  const sum = createDropSum();
  sum.add(packet({ sequence: 0 }));
  sum.take(deviceName);
  expect(sum.take(deviceName)).toBeUndefined();
});

test('a gap in the running numbers is loss, also before the first packet and over the wrap', () => {
  const sum = createDropSum();
  sum.add(packet({ sequence: 2 }));
  expect(sum.take(deviceName)?.lost).toBe(2);
  sum.add(packet({ sequence: 0xffff_fffe }));
  sum.take(deviceName);
  sum.add(packet({ sequence: 1 }));
  expect(sum.take(deviceName)?.lost).toBe(2);
});

test('a scan costs bounded memory and keeps exact counts', () => {
  const sum = createDropSum();
  for (let port = 0; port < 2 * MaxTuples; port += 1) sum.add(packet({ sequence: port, dport: port }));
  const summary = sum.take(deviceName);
  expect(summary?.drops).toHaveLength(MaxTuples);
  expect(summary?.others).toBe(MaxTuples);
});

test('what the sum gives is what the engine takes', () => {
  const sum = createDropSum();
  sum.add(packet({ sequence: 5, inIndex: 0, src: '', dst: '' }));
  expect(isDropReading(JSON.parse(JSON.stringify(sum.take(deviceName))))).toBe(true);
});

test.for([
  ['an unknown key', { ...summary(), more: 1 }],
  ['a negative count', summary({ count: -1 })],
  ['a port out of range', summary({ dport: 65536 })],
  ['an endless name', summary({ src: 'x'.repeat(128) })],
  ['another kind', { ...summary(), kind: 'dropped' }],
] as const)('the engine refuses a summary with %s', ([, message]) => {
  expect(isDropReading(message)).toBe(false);
});

function packet(fields: Partial<LoggedPacket>): LoggedPacket {
  const { prefix, src, dst, protocol } = Described;
  return {
    prefix,
    src,
    dst,
    protocol,
    inIndex: 3,
    outIndex: 4,
    sport: 50000,
    dport: 502,
    sequence: 0,
    ...fields,
  };
}

function deviceName(index: number): string {
  return `dev${index}`;
}

function summary(drop: object = {}) {
  const drops = [{ ...Described, sport: 1, dport: 2, count: 1, ...drop }];
  return { kind: 'drops', drops, others: 0, lost: 0 };
}
