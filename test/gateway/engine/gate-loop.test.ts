import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OpenGate } from '../../../gateway/enforce/enforcement.ts';
import { createGateLoop, type GateLoop } from '../../../gateway/engine/gate-loop.ts';
import { createLog } from '../../../gateway/log.ts';
import { createLine, type OneAtATime } from '../../../gateway/one-at-a-time.ts';
import type { Policy } from '../../../rules/policy.ts';
import { memoryLog } from './memory-log.ts';

const policy = (id: string, opensAt: number, closesAt: number): Policy =>
  ({
    conduits: [],
    vendors: [],
    flows: [{ id, gate: { opensAt, closesAt, schedule: undefined, session: false } }],
  }) as unknown as Policy;

let turned: (readonly OpenGate[])[];
let broken: boolean;
let synchronised: boolean;
let granted: readonly OpenGate[];
let inTurn: OneAtATime;
let loop: GateLoop;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  turned = [];
  broken = false;
  synchronised = true;
  granted = [];
  inTurn = createLine();
  loop = createGateLoop({
    time: () => ({ now: Date.now(), synchronised, newestEvidence: 0 }),
    granted: () => granted,
    turn: async (open) => {
      if (broken) throw new Error('the nft child ended');
      turned.push(open);
    },
    inTurn,
    log: createLog('engine', memoryLog().stream),
  });
});
afterEach(() => {
  loop.stop();
  vi.useRealTimers();
});

describe('following the gates of a policy', () => {
  test('turns each at its time', async () => {
    loop.follow(policy('C-1/F-1', 1_500, 3_000), []);
    await vi.advanceTimersByTimeAsync(1_499);
    expect(turned).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(turned).toEqual([[{ flow: 'C-1/F-1', until: 3_000 }]]);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(turned.at(-1)).toEqual([]);
    expect(loop.open()).toEqual([]);
  });

  test('says when the clock comes to be trusted, also when no gate turns by it', async () => {
    synchronised = false;
    const gates = policy('C-1/F-1', 900_000, 0);
    loop.follow(gates, loop.judge(gates));
    expect(loop.tellsTime()).toBe(false);
    synchronised = true;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(turned).toEqual([[]]);
    expect(loop.tellsTime()).toBe(true);
  });

  test('shuts all within seconds of the clock being lost', async () => {
    const gates = policy('C-1/F-1', 0, 600_000);
    loop.follow(gates, loop.judge(gates));
    expect(loop.open()).toHaveLength(1);
    synchronised = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(turned).toEqual([[]]);
  });

  test('tries again what could not be turned, and shows until then what is so', async () => {
    broken = true;
    loop.follow(policy('C-1/F-1', 1_000, 600_000), []);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(loop.open()).toEqual([]);
    broken = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(loop.open()).toHaveLength(1);
  });

  test('judging another policy changes nothing that is in force', () => {
    const gates = policy('C-1/F-1', 0, 600_000);
    loop.follow(gates, loop.judge(gates));
    expect(loop.judge(policy('C-9/F-9', 0, 0))).toHaveLength(1);
    expect(loop.open()).toEqual([{ flow: 'C-1/F-1', until: 600_000 }]);
  });

  test('never turns the gates of one policy under the next, which came into force meanwhile', async () => {
    loop.follow(policy('C-1/F-1', 1_000, 600_000), []);
    const activation = Promise.withResolvers<void>();
    void inTurn(() => activation.promise);
    await vi.advanceTimersByTimeAsync(1_000);
    loop.follow(policy('C-1/F-1', 300_000, 600_000), []);
    activation.resolve();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turned).toEqual([]);
  });

  test('what ends while a policy comes into force is shut as soon as it is in force', async () => {
    const waits = (): Policy => {
      const made = policy('C-1/F-1', 0, 0);
      return {
        ...made,
        flows: made.flows.map((flow) => ({ ...flow, gate: { ...flow.gate, session: true } })),
      } as Policy;
    };
    const [former, next] = [waits(), waits()];
    granted = [{ flow: 'C-1/F-1', until: 600_000 }];
    loop.follow(former, loop.judge(former));
    const tests = Promise.withResolvers<void>();
    void inTurn(async () => {
      const enforced = loop.judge(next);
      await tests.promise;
      loop.follow(next, enforced);
    });
    await vi.advanceTimersByTimeAsync(10);
    granted = [];
    const shut = loop.turnNow();
    tests.resolve();
    await shut;
    expect(turned).toEqual([[]]);
  });

  test('stopped, turns nothing more', async () => {
    loop.follow(policy('C-1/F-1', 1_000, 600_000), []);
    loop.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turned).toEqual([]);
  });
});
