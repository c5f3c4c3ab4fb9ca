import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createExerciseBook, type ExerciseAct } from '../../../gateway/engine/exercise-book.ts';
import { openExerciseFile } from '../../../gateway/engine/exercise-file.ts';
import { NeverSwitched } from '../../../gateway/engine/mode-file.ts';
import type { CarriedChange } from '../../../gateway/engine/mode-report.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import type { Act } from '../../../rules/record/record.ts';
import { sampleFlow, samplePolicy } from '../inspector/sample.ts';

const plain = { keep: [], keepsAll: true, recover: [], profiles: [] };
const Plant = samplePolicy({
  flows: [sampleFlow(), sampleFlow({ number: 2, id: 'C-1/F-2' })],
  modes: [
    { ...plain, name: 'normal' },
    { ...plain, name: 'island', keep: ['C-1/F-1'], keepsAll: false },
  ],
});

let state: string;
let done: string[];
let failing: string;
let now: number;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'pst-exercise-'));
  done = [];
  failing = '';
  now = Date.parse('2026-11-21T16:00:00Z');
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

function openBook() {
  const book = createExerciseBook({
    file: openExerciseFile(state),
    modes: {
      report: () => ({ kept: NeverSwitched, steps: [], recovery: undefined, guessed: false, unfinished: [] }),
      switchTo: async (wish) => {
        done.push(`switch ${wish.mode}: ${wish.why}`);
        book.note(switched(wish.mode));
        return switched(wish.mode).outcome;
      },
    },
    policy: () => Plant,
    record: (act) => void done.push(`later ${word(act)}`),
    recordDurably: async (act) => {
      if (failing !== '') throw new GatewayError('PST_ERR_EVIDENCE', failing);
      done.push(`record ${word(act)}`);
    },
    site: 'waterworks',
    gateway: 'gw-1',
    wall: () => now,
  });
  return book;
}

const word = (act: Act): string => (act.kind === 'rehearsed' ? act.what : act.kind);
const start = (change: Partial<Extract<ExerciseAct, { what: 'start' }>> = {}): ExerciseAct => ({
  what: 'start',
  occasion: 'exercise',
  mode: 'island',
  dry: false,
  scenario: 'ransomware',
  participants: [],
  ...change,
});

function switched(to: string): CarriedChange {
  const times = { kernel: 1.5, inspectors: 2, record: undefined };
  return {
    at: now,
    from: { mode: 'normal', reopened: [] },
    to: { mode: to, reopened: [] },
    by: 'ada',
    step: undefined,
    flows: ['C-1/F-2'],
    outcome: { times, troubles: ['The change is not on record yet.'], unfinished: [] },
  };
}

describe('an exercise', () => {
  test('is on record before it switches anything, and does not begin where it cannot be', async () => {
    await openBook().act(start(), 'ada');
    expect(done).toEqual(['record started', 'switch island: EX-20261121-160000-000: ransomware']);
    rmSync(join(state, 'exercise.json'));
    done.length = 0;
    failing = 'no space left';
    const book = openBook();
    await expect(book.act(start(), 'ada')).rejects.toMatchObject({ code: 'PST_ERR_EVIDENCE' });
    expect(done).toEqual([]);
    expect(book.latest()).toBeUndefined();
  });

  test('goes on after a restart with all it has', async () => {
    const before = openBook();
    await before.act(start(), 'ada');
    await before.act({ what: 'decision', text: 'pumps by hand' }, 'bo');
    const book = openBook();
    now += 60_000;
    const body = await book.act({ what: 'end' }, 'ada');
    expect(body).toMatchObject({
      entries: [{ what: 'decision', text: 'pumps by hand', by: 'bo' }],
      changes: [{ from: 'normal', to: 'island', flows: 1, kernelMs: 1.5, inspectorsMs: 2 }],
      endedAt: now,
      modeAtEnd: 'normal',
    });
    expect(body.changes[0]).not.toHaveProperty('recordMs');
    expect(openBook().latest()).toEqual(body);
  });

  test('that is dry or ended takes no note of what is switched', async () => {
    const book = openBook();
    await book.act(start({ dry: true }), 'ada');
    book.note(switched('island'));
    expect(book.latest()).toMatchObject({
      changes: [],
      plan: { kept: 1, cut: [{ conduit: 'C-1', flows: 1 }] },
    });
    await book.act({ what: 'end' }, 'ada');
    book.note(switched('island'));
    expect(book.latest()?.changes).toEqual([]);
  });

  test('whose file cannot be read is over; its acts are on record all the same', () => {
    writeFileSync(join(state, 'exercise.json'), '{"format":1');
    expect(openBook().latest()).toBeUndefined();
  });
});

describe('an incident', () => {
  test('is cut off before anything is written, and kept although the disk fails', async () => {
    failing = 'no space left';
    const book = openBook();
    const body = await book.act(start({ occasion: 'incident' }), 'ada');
    expect(done).toEqual(['switch island: IN-20261121-160000-000: ransomware', 'later started']);
    expect(body.changes).toHaveLength(1);
    await book.act({ what: 'finding', text: 'the log disk is full' }, 'ada');
    expect(book.latest()?.entries).toHaveLength(1);
  });
});
