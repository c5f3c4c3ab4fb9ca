import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTableWatch, type TableWatch } from '../../../gateway/engine/table-watch.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { createLog } from '../../../gateway/log.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { Act } from '../../../rules/record/record.ts';
import { memoryLog } from './memory-log.ts';

const policy = { version: 42 } as Policy;
const said = memoryLog();
let table: {
  drift: readonly string[];
  seen: boolean;
  mendable: boolean;
  mending: Promise<void>;
  /** Milliseconds that counting takes. */
  counting: number;
  /** Milliseconds that a look takes. */
  looking: number;
  inForce: Policy | undefined;
};
let looks: number;
let counted: number;
let putBack: Policy[];
let acts: Act[];
let watch: TableWatch;
let touch: () => void;
let onDrift: 'repair' | 'report';

beforeEach(() => {
  vi.useFakeTimers();
  onDrift = 'repair';
  watch = begin();
});
afterEach(async () => {
  await watch.stop();
  vi.useRealTimers();
});

function begin(): TableWatch {
  table = {
    ...{ drift: [], seen: true, mendable: true, mending: Promise.resolve() },
    ...{ counting: 0, looking: 0, inForce: policy },
  };
  looks = 0;
  counted = 0;
  putBack = [];
  acts = [];
  const made = createTableWatch({
    enforcement: {
      counts: async () => {
        counted += 1;
        if (table.counting > 0) await new Promise((done) => setTimeout(done, table.counting));
        if (!table.seen) throw new GatewayError('PST_ERR_NFT_CHILD', 'It ended (SIGKILL).');
        return { flows: [{ flowId: 'C-1/F-1', packets: 3, bytes: 180 }], drops: [], undeclared: 0 };
      },
      verify: async () => {
        looks += 1;
        if (table.looking > 0) await new Promise((done) => setTimeout(done, table.looking));
        return table.drift;
      },
      onTouch: (tell) => {
        touch = tell;
      },
    },
    clock: { monotonic: () => Date.now() },
    policy: () => table.inForce,
    onDrift,
    putBack: async (one) => {
      if (!table.mendable) throw new GatewayError('PST_ERR_NFT_APPLY', 'No.');
      await table.mending;
      putBack.push(one);
      table = { ...table, drift: [] };
    },
    record: (act) => acts.push(act),
    log: createLog('engine', said.stream),
  });
  made.start();
  return made;
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

async function looksIn(milliseconds: number, each = () => {}): Promise<number> {
  const before = looks;
  for (let passed = 0; passed < milliseconds; passed += 1) {
    each();
    await seconds(0.001);
  }
  return looks - before;
}

describe('watching the kernel table', () => {
  test('a table that is right is left alone, and its counts are kept', async () => {
    await seconds(6);
    expect(putBack).toEqual([]);
    expect(acts).toEqual([]);
    expect(watch.counts().flows).toHaveLength(1);
  });

  test('one that somebody changed is put back, shown, and on record', async () => {
    await seconds(2.5);
    table = { ...table, drift: ['chain forward: the policy is accept', 'a rule is missing'] };
    await seconds(0.1);
    expect(putBack).toEqual([policy]);
    expect(watch.drift()).toHaveLength(2);
    expect(watch.changes()).toBe(1);
    expect(acts).toEqual([
      { kind: 'tableChanged', first: 'chain forward: the policy is accept', differences: 2, putBack: true },
    ]);
    await seconds(4);
    expect(watch.drift()).toEqual([]);
  });

  test('a table is looked at as soon as anybody has changed a ruleset, and not a tenth of a second later', async () => {
    await seconds(2.51);
    table = { ...table, drift: ['no table'] };
    await seconds(0.01);
    expect(putBack).toEqual([]);
    touch();
    await seconds(0);
    expect(putBack).toEqual([policy]);
  });

  test('whoever changes rulesets without end has it looked at no more than twice as often', async () => {
    const quiet = await looksIn(1_000);
    expect(await looksIn(1_000, touch)).toBeLessThanOrEqual(2 * quiet);
  });

  test('and one that takes long to look at is not looked at without pause', async () => {
    table = { ...table, looking: 150 };
    await seconds(1);
    // Two looks and a tenth of a second of rest take four tenths.
    expect(await looksIn(4_000, touch)).toBeLessThanOrEqual(21);
    table = { ...table, looking: 0 };
    await seconds(1);
  });

  test('a table that takes long to count is counted seldom, and looked at as often', async () => {
    await seconds(20);
    expect(counted).toBeGreaterThanOrEqual(9);
    table = { ...table, counting: 500 };
    await seconds(3);
    const [before, seen] = [counted, looks];
    await seconds(60);
    expect(counted - before).toBeLessThanOrEqual(12);
    expect(counted - before).toBeGreaterThan(8);
    expect(looks - seen).toBeGreaterThan(400);
  });

  test('what changes while it is put back is found at the next look', async () => {
    await seconds(2.51);
    const { promise, resolve } = Promise.withResolvers<void>();
    table = { ...table, drift: ['no table'], mending: promise };
    touch();
    await seconds(0);
    touch();
    resolve();
    await seconds(0);
    table = { ...table, drift: ['no table again'] };
    await seconds(0.1);
    expect(putBack).toHaveLength(2);
  });

  test('nobody looks any more when it has stopped', async () => {
    await watch.stop();
    table = { ...table, drift: ['no table'] };
    touch();
    await seconds(1);
    expect(putBack).toEqual([]);
  });

  test('whoever changes it again and again fills one record and not the disk', async () => {
    for (let again = 0; again < 20; again += 1) {
      table = { ...table, drift: ['no table'] };
      await seconds(10);
    }
    expect(putBack).toHaveLength(20);
    expect(acts).toHaveLength(1);
    await seconds(90);
    table = { ...table, drift: ['no table'] };
    await seconds(1);
    expect(acts).toHaveLength(2);
  });

  test('one that cannot be put back is on record as standing, and once more when it could', async () => {
    table = { ...table, drift: ['no table'], mendable: false };
    await seconds(10);
    expect(acts).toMatchObject([{ putBack: false }]);
    table = { ...table, mendable: true };
    await seconds(3);
    expect(acts).toMatchObject([{ putBack: false }, { putBack: true }]);
  });

  test('one that is only to be reported is left as it is, counted once while it stands, and on record', async () => {
    await watch.stop();
    onDrift = 'report';
    watch = begin();
    table = { ...table, drift: ['a rule is missing'] };
    await seconds(10);
    expect(putBack).toEqual([]);
    expect(watch.drift()).toEqual(['a rule is missing']);
    expect(watch.changes()).toBe(1);
    expect(acts).toMatchObject([{ kind: 'tableChanged', putBack: false }]);
    table = { ...table, drift: ['no table'] };
    await seconds(3);
    expect(watch.changes()).toBe(2);
  });

  test('one that cannot be looked at is shown, and the log hears of it once', async () => {
    table = { ...table, seen: false };
    await seconds(20);
    expect(watch.blindness()).toContain('SIGKILL');
    expect(said.text().match(/cannot look/g)).toHaveLength(1);
    table = { ...table, seen: true };
    await seconds(3);
    expect(watch.blindness()).toBe('');
  });

  test('one count that hangs for long, or fails, is followed by the next as soon as any', async () => {
    table = { ...table, counting: 30_000 };
    await seconds(35);
    table = { ...table, counting: 0, seen: false };
    await seconds(6);
    expect(watch.blindness()).not.toBe('');
    table = { ...table, seen: true };
    await seconds(2.5);
    expect(watch.blindness()).toBe('');
  });

  test('without a policy there is nothing to put back', async () => {
    table = { ...table, inForce: undefined, drift: ['no table'] };
    await seconds(4);
    expect(putBack).toEqual([]);
    expect(watch.drift()).toEqual([]);
  });
});
