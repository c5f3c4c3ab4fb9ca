import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createFlowTraffic,
  type FlowTraffic,
  MostAddresses,
} from '../../../../rules/modbus/connection/flow-traffic.ts';
import { createRecentAddresses } from '../../../../rules/modbus/connection/recent-addresses.ts';
import { createTokenBucket } from '../../../../rules/modbus/connection/token-bucket.ts';
import type { Request } from '../../../../rules/modbus/message/request.ts';
import type { ModbusLimits } from '../../../../rules/modbus/profile.ts';
import { profileOf } from '../builders.ts';
import { plain, read, readFifo, readFile, readWrite, writeRegister } from '../request-builders.ts';

describe('budget of addresses', () => {
  const four = limits({ readAddressesPerMinute: 4 });

  test('lets the same addresses be read for ever', () => {
    const traffic = createFlowTraffic();
    for (let now = 0; now < 600_000; now += 500)
      expect(traffic.takeRead(read(3, 10, 4), now, four)).toBe(true);
  });

  test('refuses the next different one, and counts nothing of what it refuses', () => {
    const traffic = createFlowTraffic();
    expect(taken(traffic, four, [read(3, 0, 2), read(3, 4, 2), read(3, 8), read(3, 9), read(3, 5)])).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  test('of a request that is partly new counts the new part', () => {
    const traffic = createFlowTraffic();
    expect(taken(traffic, four, [read(3, 0, 3), read(3, 1, 3), read(3, 2, 3)])).toEqual([true, true, false]);
  });

  test('tells tables, units, files and functions apart', () => {
    const traffic = createFlowTraffic();
    const different = [
      read(1, 0),
      read(2, 0),
      read(3, 0),
      read(4, 0),
      read(3, 0, 1, 2),
      readFile([{ file: 1, record: 0, length: 1 }]),
      readFile([{ file: 2, record: 0, length: 1 }]),
      plain(17),
      plain(7),
    ];
    const most = limits({ readAddressesPerMinute: different.length });
    expect(taken(traffic, most, different)).toEqual(different.map(() => true));
    expect(taken(traffic, most, different)).toEqual(different.map(() => true));
    expect(traffic.takeRead(read(3, 1), 0, most)).toBe(false);
  });

  test('gives an address back a minute after it was last read, and not before', () => {
    const traffic = createFlowTraffic();
    const one = limits({ readAddressesPerMinute: 1 });
    expect(traffic.takeRead(read(3, 0), 999, one)).toBe(true);
    expect(traffic.takeRead(read(3, 0), 30_000, one)).toBe(true);
    expect(traffic.takeRead(read(3, 1), 89_999, one)).toBe(false);
    expect(traffic.takeRead(read(3, 1), 91_000, one)).toBe(true);
  });

  test('counts every record of every group', () => {
    const traffic = createFlowTraffic();
    const groups = [
      { file: 1, record: 0, length: 2 },
      { file: 1, record: 10, length: 3 },
    ];
    expect(traffic.takeRead(readFile(groups), 0, four)).toBe(false);
    expect(traffic.takeRead(readFile(groups), 0, limits({ readAddressesPerMinute: 5 }))).toBe(true);
  });

  test('lets writes alone, and counts the read half of function code 23', () => {
    const traffic = createFlowTraffic();
    const one = limits({ readAddressesPerMinute: 1 });
    expect(
      taken(traffic, one, [writeRegister(7, 1), readWrite(3, 1, 9, [1]), readWrite(4, 1, 9, [1])]),
    ).toEqual([true, true, false]);
  });

  test('holds a larger budget than it can count to what it can count', () => {
    const traffic = createFlowTraffic();
    const huge = limits({ readAddressesPerMinute: 10 * MostAddresses });
    let granted = 0;
    for (let unit = 1; unit <= 2; unit++) {
      for (let at = 0; at < 65_000; at += 125) {
        if (traffic.takeRead(read(3, at, 125, unit), 0, huge)) granted += 125;
      }
    }
    expect(granted).toBeGreaterThan(MostAddresses - 125);
    expect(granted).toBeLessThanOrEqual(MostAddresses);
  });
});

describe('budget of data', () => {
  test('counts registers, and sixteen coils as one', () => {
    const traffic = createFlowTraffic();
    const most = limits({ readWordsPerMinute: 130 });
    expect(taken(traffic, most, [read(3, 0, 125), read(1, 0, 64), read(1, 0, 17), read(1, 0, 16)])).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test('takes what only the server knows for as much as there can be', () => {
    expect(
      taken(createFlowTraffic(), limits({ readWordsPerMinute: 31 }), [readFifo(1), readFifo(1)]),
    ).toEqual([true, false]);
    expect(taken(createFlowTraffic(), limits({ readWordsPerMinute: 125 }), [plain(17)])).toEqual([false]);
    expect(taken(createFlowTraffic(), limits({ readWordsPerMinute: 126 }), [plain(17)])).toEqual([true]);
  });

  test('holds for any 60 seconds', () => {
    const reads = fc.array(fc.tuple(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 1, max: 125 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(reads, fc.integer({ min: 1, max: 400 }), (steps, most) => {
        const traffic = createFlowTraffic();
        const granted: { at: number; words: number }[] = [];
        let now = 0;
        for (const [wait, quantity] of steps) {
          now += wait;
          if (traffic.takeRead(read(3, 0, quantity), now, limits({ readWordsPerMinute: most }))) {
            granted.push({ at: now, words: quantity });
          }
          const inMinute = granted.filter(({ at }) => at > now - 60_000);
          expect(inMinute.reduce((sum, { words }) => sum + words, 0)).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  test('a refused read spends nothing of the other budget', () => {
    const traffic = createFlowTraffic();
    const both = limits({ readWordsPerMinute: 10, readAddressesPerMinute: 5 });
    expect(taken(traffic, both, [read(3, 0, 6), read(3, 0, 5), read(3, 0, 5), read(3, 0, 1)])).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('recent addresses', () => {
  test('agree with a list of everything that was read', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 20_000 }),
        space: fc.constantFrom(0, 1, 2 ** 27 - 1),
        first: fc.integer({ min: 0, max: 400 }),
        quantity: fc.integer({ min: 1, max: 120 }),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(steps, (visits) => {
        const recent = createRecentAddresses();
        const lastRead = new Map<number, number>();
        let now = 0;
        for (const { wait, space, first, quantity } of visits) {
          now += wait;
          const second = Math.floor(now / 1000);
          const alive = (key: number): boolean =>
            second - (lastRead.get(key) ?? Number.NEGATIVE_INFINITY) < 61;
          const keys = Array.from({ length: quantity }, (_, index) => space * 2 ** 20 + first + index);
          expect(recent.countNew(now, space, first, quantity)).toBe(keys.filter((key) => !alive(key)).length);
          recent.add(now, space, first, quantity, 2_000);
          for (const key of keys) lastRead.set(key, second);
          expect(recent.within(now)).toBe([...lastRead.keys()].filter(alive).length);
        }
      }),
    );
  });
});

describe('token bucket', () => {
  test('lets a second of requests through at once and then as many as the rate', () => {
    const bucket = createTokenBucket();
    const passed = (count: number, now: number): number =>
      Array.from({ length: count }, () => bucket.take(now, 10)).filter(Boolean).length;
    expect(passed(20, 1_000)).toBe(10);
    expect(passed(20, 1_099)).toBe(0);
    expect(passed(20, 1_100)).toBe(1);
    expect(passed(20, 1_600)).toBe(5);
    expect(passed(20, 9_000)).toBe(10);
  });

  test('a limit of 0 is none', () => {
    const bucket = createTokenBucket();
    for (let count = 0; count < 1000; count++) expect(bucket.take(0, 0)).toBe(true);
  });

  test('a clock that runs back neither fills nor empties it', () => {
    const bucket = createTokenBucket();
    const taken = [10_000, 9_000, 9_500, 10_000].map((now) => bucket.take(now, 3));
    expect(taken).toEqual([true, true, true, false]);
  });

  test('never lets more through than a second in advance', () => {
    const steps = fc.array(fc.integer({ min: -50, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (waits, perSecond) => {
        const bucket = createTokenBucket();
        let now = 10_000;
        // The bucket knows no time before the first request.
        const first = now + (waits[0] ?? 0);
        let latest = first;
        let passed = 0;
        for (const wait of waits) {
          now += wait;
          latest = Math.max(latest, now);
          if (bucket.take(now, perSecond)) passed++;
        }
        expect(passed).toBeLessThanOrEqual(perSecond + ((latest - first) * perSecond) / 1000 + 1e-6);
      }),
    );
  });
});

function limits(some: Partial<ModbusLimits>): ModbusLimits {
  return profileOf([], some).limits;
}

function taken(traffic: FlowTraffic, limits: ModbusLimits, requests: readonly Request[]): boolean[] {
  return requests.map((request) => traffic.takeRead(request, 0, limits));
}
