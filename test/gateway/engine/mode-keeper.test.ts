import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openModeFile } from '../../../gateway/engine/mode-file.ts';
import { createModeKeeper, type ModeKeeper } from '../../../gateway/engine/mode-keeper.ts';
import type { CarriedChange, ModeWish } from '../../../gateway/engine/mode-report.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { createLog } from '../../../gateway/log.ts';
import { createLine } from '../../../gateway/one-at-a-time.ts';
import type { ModeRule, Policy } from '../../../rules/policy.ts';
import type { Act } from '../../../rules/record/record.ts';
import { sampleFlow, samplePolicy } from '../inspector/sample.ts';
import { memoryLog } from './memory-log.ts';

const flow = (conduit: string) => sampleFlow({ conduit, id: `${conduit}/F-1` });
const mode = (name: string, keep: string[], recover: string[] = []): ModeRule => ({
  name,
  keep,
  keepsAll: name === 'normal',
  recover,
  profiles: [],
});
const Plant = samplePolicy({
  flows: [flow('C-1'), flow('C-2'), flow('C-3')],
  modes: [
    mode('normal', []),
    mode('island', ['C-1/F-1'], ['C-3/F-1', 'C-2/F-1']),
    mode('lockdown', []),
    mode('night shift', ['C-1/F-1', 'C-2/F-1'], ['C-3/F-1']),
  ],
});

let state: string;
let box: ReturnType<typeof openBox>;
beforeEach(() => {
  vi.useFakeTimers();
  state = mkdtempSync(join(tmpdir(), 'pst-mode-'));
  box = openBox();
});
afterEach(() => {
  box.modes.stop();
  vi.useRealTimers();
  rmSync(state, { recursive: true, force: true });
});

/** A box whose disk, kernel and evidence fail when a test says so, and that tells in which order it did things. */
function openBox() {
  const failing = { kernel: '', evidence: '', disk: '', inspectors: '' };
  const done: string[] = [];
  const acts: Act[] = [];
  const changes: CarriedChange[] = [];
  const running: { policy: Policy | undefined } = { policy: Plant };
  const file = openModeFile(state);
  const modes = createModeKeeper({
    enforcement: {
      setMode: async (name, reopened) => {
        if (failing.kernel !== '') throw new GatewayError('PST_ERR_NFT_CHILD', failing.kernel);
        done.push(['kernel', name, ...reopened].join(' '));
      },
    },
    pool: {
      setMode: async ({ mode: name, reopened }) => {
        done.push(['inspectors', name, ...reopened].join(' '));
        return failing.inspectors;
      },
    },
    file: {
      read: file.read,
      save: async (kept) => {
        if (failing.disk !== '') throw new GatewayError('PST_ERR_STATE_DIR', failing.disk);
        // As the file itself does, but within the time that these tests make go by.
        writeFileSync(join(state, 'mode.json'), JSON.stringify(kept));
        done.push(`disk ${kept.mode}`);
      },
    },
    record: (act) => void acts.push(act),
    recordDurably: async (act) => {
      if (failing.evidence !== '') throw new GatewayError('PST_ERR_EVIDENCE', failing.evidence);
      acts.push(act);
      done.push('record');
    },
    policy: () => running.policy,
    inTurn: createLine(),
    wall: () => Date.now(),
    monotonic: () => Date.now(),
    log: createLog('engine', memoryLog().stream),
    onChange: (change) => void changes.push(change),
  });
  return { modes, failing, done, acts, changes, running };
}

const wish = (name: string, change: Partial<ModeWish> = {}): ModeWish => ({
  mode: name,
  by: 'ada',
  why: 'drill',
  pace: 'confirm',
  ...change,
});

/** As it is found after a crash of the engine at this point. */
async function restarted(): Promise<ModeKeeper> {
  box.modes.stop();
  box = openBox();
  box.running.policy = undefined;
  await box.modes.begin();
  return box.modes;
}

const opened = (): readonly string[] => box.modes.report().kept.recovery?.reopened ?? [];

describe('a mode that cuts', () => {
  test('takes effect before it is written, and is on record, on the disk, and reported', async () => {
    const outcome = await box.modes.switchTo(wish('island'));
    expect(box.done).toEqual(['kernel island', 'inspectors island', 'disk island', 'record']);
    expect(outcome.troubles).toEqual([]);
    expect(box.acts).toEqual([
      { kind: 'modeSwitched', from: 'normal', to: 'island', by: 'ada', why: 'drill', cut: 2 },
    ]);
    expect(box.modes.report().kept).toMatchObject({ mode: 'island', by: 'ada', why: 'drill' });
    expect(box.changes).toMatchObject([{ flows: ['C-2/F-1', 'C-3/F-1'], step: undefined, by: 'ada' }]);
  });

  test('is not stopped by a full disk: it says so, and the record follows', async () => {
    box.failing.evidence = box.failing.disk = 'no space left';
    const { troubles, times } = await box.modes.switchTo(wish('lockdown'));
    expect(box.done).toEqual(['kernel lockdown', 'inspectors lockdown']);
    expect(troubles).toHaveLength(2);
    expect(times.record).toBeUndefined();
    expect(box.acts).toMatchObject([{ kind: 'modeSwitched', to: 'lockdown' }]);
    expect(box.modes.report().unfinished).toMatchObject([expect.stringContaining('no space left')]);
    box.failing.disk = '';
    await vi.advanceTimersByTimeAsync(1_000);
    expect(box.modes.report().unfinished).toEqual([]);
    expect((await restarted()).report().kept.mode).toBe('lockdown');
  });

  test('is told to the kernel again until that takes it', async () => {
    box.failing.kernel = 'it ended';
    const { troubles, times } = await box.modes.switchTo(wish('island'));
    expect(troubles).toMatchObject([expect.stringContaining('kernel')]);
    expect(times.kernel).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(box.modes.report().unfinished).toHaveLength(1);
    box.failing.kernel = '';
    await vi.advanceTimersByTimeAsync(1_000);
    expect(box.modes.report().unfinished).toEqual([]);
    expect(box.done).toContain('kernel island');
  });

  test('tells of an inspecting process that does not follow', async () => {
    box.failing.inspectors = 'Inspector 812 does not answer; end it.';
    const { troubles } = await box.modes.switchTo(wish('island'));
    expect(troubles).toMatchObject([expect.stringContaining('812')]);
  });

  test.for<[string, ErrorCode, Policy | undefined]>([
    ['the policy lacks', 'PST_ERR_MODE_UNKNOWN', Plant],
    ['is asked for without a policy', 'PST_ERR_NO_BUNDLE', undefined],
  ])('that %s is refused and changes nothing', async ([, code, policy]) => {
    box.running.policy = policy;
    await expect(box.modes.switchTo(wish('islnd'))).rejects.toMatchObject({ code });
    expect(box.done).toEqual([]);
  });
});

describe('a mode that opens something', () => {
  test('is on record and on the disk first', async () => {
    await box.modes.switchTo(wish('lockdown'));
    box.done.length = 0;
    await box.modes.switchTo(wish('night shift'));
    expect(box.done).toEqual(['record', 'disk night shift', 'kernel night shift', 'inspectors night shift']);
  });

  test.for(['evidence', 'disk', 'kernel'] as const)(
    'does not take effect when the %s fails, and the former one is found after a restart',
    async (part) => {
      await box.modes.switchTo(wish('lockdown'));
      box.failing[part] = 'broken';
      await expect(box.modes.switchTo(wish('island'))).rejects.toMatchObject({
        message: expect.stringContaining('broken'),
      });
      expect(box.modes.report().kept.mode).toBe('lockdown');
      expect(box.done.filter((one) => /^(kernel|inspectors) island/.test(one))).toEqual([]);
      expect((await restarted()).report().kept.mode).toBe('lockdown');
    },
  );

  test('says on record that it was not carried out', async () => {
    await box.modes.switchTo(wish('lockdown'));
    box.failing.kernel = 'it ended';
    await expect(box.modes.switchTo(wish('island'))).rejects.toThrow();
    expect(box.acts.at(-1)).toMatchObject({ from: 'island', to: 'lockdown', by: 'gateway' });
  });
});

describe('leaving a mode', () => {
  beforeEach(async () => {
    await box.modes.switchTo(wish('island'));
    box.done.length = 0;
    box.acts.length = 0;
  });

  test('opens step by step in the order the mode states, each on record first', async () => {
    await box.modes.switchTo(wish('normal'));
    expect(box.done).toEqual(['record', 'disk island', 'kernel island C-3/F-1', 'inspectors island C-3/F-1']);
    expect(box.modes.report().recovery).toMatchObject({ done: 1, nextAt: undefined, held: '' });
    await box.modes.switchTo(wish('normal', { by: 'bo' }));
    expect(box.modes.report().kept).toMatchObject({ mode: 'normal', by: 'bo' });
    expect(box.acts).toMatchObject([
      { kind: 'modeReopened', mode: 'island', step: 1, steps: 2, what: 'C-3', flows: 1, by: 'ada' },
      { kind: 'modeReopened', mode: 'island', step: 2, steps: 2, what: 'C-2', flows: 1, by: 'bo' },
    ]);
    expect(box.done.slice(-2)).toEqual(['kernel normal', 'inspectors normal']);
  });

  test('goes on by itself at the pace it was given', async () => {
    await box.modes.switchTo(wish('normal', { pace: 10_000 }));
    expect(box.modes.report().recovery?.nextAt).toBe(Date.now() + 10_000);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(opened()).toEqual(['C-3/F-1']);
    await vi.advanceTimersByTimeAsync(1);
    expect(box.modes.report().kept.mode).toBe('normal');
  });

  test('said again takes the next step at once, and none twice', async () => {
    await box.modes.switchTo(wish('normal', { pace: 10_000 }));
    await box.modes.switchTo(wish('normal', { pace: 10_000 }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(box.acts).toHaveLength(2);
    await box.modes.switchTo(wish('normal'));
    expect(box.acts).toHaveLength(2);
  });

  test('is given up by any mode, at once, whatever fails', async () => {
    await box.modes.switchTo(wish('normal', { pace: 1_000 }));
    box.failing.evidence = 'no space left';
    await box.modes.switchTo(wish('island'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(box.modes.report()).toMatchObject({ kept: { mode: 'island' }, recovery: undefined });
    expect(box.done.filter((one) => one.startsWith('kernel')).at(-1)).toBe('kernel island');
  });

  test('is held where a step cannot be put on record, until a person says it again', async () => {
    await box.modes.switchTo(wish('normal', { pace: 1_000 }));
    box.failing.evidence = 'no space left';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened()).toEqual(['C-3/F-1']);
    expect(box.modes.report().recovery?.held).toContain('no space left');
    box.failing.evidence = '';
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened()).toEqual(['C-3/F-1']);
    await box.modes.switchTo(wish('normal'));
    expect(box.modes.report().kept.mode).toBe('normal');
  });

  test('stays where it was over a restart, and goes no further by itself', async () => {
    await box.modes.switchTo(wish('normal', { pace: 1_000 }));
    const modes = await restarted();
    expect(box.done).toEqual(['inspectors island C-3/F-1', 'kernel island C-3/F-1']);
    box.running.policy = Plant;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened()).toEqual(['C-3/F-1']);
    expect(modes.report().recovery).toMatchObject({ done: 1, held: expect.stringContaining('anew') });
    await modes.switchTo(wish('normal'));
    expect(modes.report().kept.mode).toBe('normal');
  });

  test('follows a policy that came meanwhile', async () => {
    await box.modes.switchTo(wish('normal'));
    const wider = [...Plant.flows, flow('C-4')];
    box.running.policy = { ...Plant, flows: wider };
    expect(box.modes.report().recovery).toMatchObject({ done: 1 });
    expect(box.modes.report().steps.at(-1)).toEqual({ conduit: '', flows: ['C-4/F-1'] });
  });
});

describe('after a restart', () => {
  test('the mode holds before a policy does', async () => {
    await box.modes.switchTo(wish('night shift'));
    const modes = await restarted();
    expect(box.done).toEqual(['inspectors night shift', 'kernel night shift']);
    expect(modes.report().kept).toMatchObject({ mode: 'night shift', by: 'ada', why: 'drill' });
    expect(modes.fit(Plant)).toBe('');
  });

  test('without a file the mode is normal, and nothing is guessed', async () => {
    expect((await restarted()).report()).toMatchObject({
      kept: { mode: 'normal', since: 0 },
      guessed: false,
    });
  });

  test.for<[string, (file: string) => void]>([
    ['torn', (file) => writeFileSync(file, readFileSync(file).subarray(0, 20))],
    ['empty', (file) => writeFileSync(file, '')],
    ['of another form', (file) => writeFileSync(file, '{"format":2,"mode":"normal"}')],
  ])('a file that is %s gives the strictest mode of the policy, and says so', async ([, spoil]) => {
    await box.modes.switchTo(wish('island'));
    spoil(join(state, 'mode.json'));
    const modes = await restarted();
    expect(modes.fit(Plant)).toBe('');
    expect(modes.report().kept).toMatchObject({ mode: '' });
    modes.adopt(Plant);
    expect(modes.report()).toMatchObject({ kept: { mode: 'lockdown' }, guessed: true });
    expect(box.done.at(-1)).toBe('kernel lockdown');
    box.running.policy = Plant;
    await modes.switchTo(wish('island'));
    expect(modes.report()).toMatchObject({ kept: { mode: 'island' }, guessed: false });
  });

  test('being asked whether a policy fits settles no mode and records nothing', async () => {
    await box.modes.switchTo(wish('night shift'));
    const without = samplePolicy({ flows: Plant.flows, modes: [mode('normal', []), mode('island', [])] });
    const modes = await restarted();
    const acts = box.acts.length;
    modes.fit(without);
    expect(modes.report()).toMatchObject({ kept: { mode: 'night shift' }, guessed: false });
    expect(box.acts).toHaveLength(acts);
  });

  test('a confirmed policy without the mode gets its strictest; a new one is kept out', async () => {
    await box.modes.switchTo(wish('night shift'));
    const without = samplePolicy({ flows: Plant.flows, modes: [mode('normal', []), mode('island', [])] });
    expect(box.modes.fit(without)).toContain('night shift');
    const modes = await restarted();
    expect(modes.fit(without)).toBe('');
    modes.adopt(without);
    expect(modes.report()).toMatchObject({ kept: { mode: 'island' }, guessed: true });
  });

  test('the strictest mode is told to the kernel again until that takes it', async () => {
    await box.modes.switchTo(wish('night shift'));
    const modes = await restarted();
    box.failing.kernel = 'it ended';
    modes.adopt(samplePolicy({ flows: Plant.flows, modes: [mode('normal', []), mode('island', [])] }));
    await vi.advanceTimersByTimeAsync(500);
    expect(modes.report().unfinished).toHaveLength(1);
    box.failing.kernel = '';
    await vi.advanceTimersByTimeAsync(1_000);
    expect(modes.report().unfinished).toEqual([]);
    expect(box.done).toContain('kernel island');
  });

  test('a policy that is gone back to gets its strictest as well, on record', async () => {
    await box.modes.switchTo(wish('night shift'));
    const without = samplePolicy({ flows: Plant.flows, modes: [mode('normal', []), mode('island', [])] });
    box.modes.adopt(Plant);
    expect(box.modes.report()).toMatchObject({ kept: { mode: 'night shift' }, guessed: false });
    box.modes.adopt(without);
    expect(box.modes.report()).toMatchObject({ kept: { mode: 'island' }, guessed: true });
    expect(box.acts.at(-1)).toMatchObject({ from: 'night shift', to: 'island', by: 'gateway', cut: 3 });
  });
});

type ErrorCode = GatewayError['code'];
