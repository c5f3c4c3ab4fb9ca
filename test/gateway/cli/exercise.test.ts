import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  endExercise,
  noteExercise,
  type StartOptions,
  showExercise,
  startExercise,
} from '../../../gateway/cli/exercise.ts';
import { mode } from '../../../gateway/cli/mode.ts';
import type { ExerciseBody } from '../../../gateway/ipc/exercise-body.ts';
import { type Box, eventually, openBox } from '../engine/box.ts';
import { command, type Said } from './command.ts';

let box: Box;
let out: string;
let engine: ReturnType<Box['startEngine']>;
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'pst-exercise-'));
  box = await openBox();
  engine = box.startEngine();
  await box.status();
  await box.apply(box.sealed({ version: 42 }));
});
afterAll(async () => {
  await box.close();
  rmSync(out, { recursive: true, force: true });
});

const ada = () => ({ config: box.config.file, by: 'ada' });
const start = (options: Partial<StartOptions>): Promise<Said> =>
  command(() => startExercise({ ...ada(), scenario: 'ransomware in the *office* network', ...options }));
const note = (options: { decision?: string; finding?: string }) =>
  command(() => noteExercise({ ...ada(), ...options }));
const end = () => command(() => endExercise({ ...ada(), out }));
const shown = async (): Promise<ExerciseBody> =>
  JSON.parse((await command(() => showExercise({ ...ada(), json: true }))).out);
const modeNow = async () => (await box.status()).mode.name;

async function rehearsed() {
  return (await box.records()).flatMap((one) =>
    one.kind === 'act' && one.act.kind === 'rehearsed' ? [one.act] : [],
  );
}

describe('before the first', () => {
  test.for<[string, RegExp, () => Promise<Said>]>([
    [
      'nothing is shown',
      /^PST_ERR_EXERCISE This box holds no exercise/,
      () => command(() => showExercise(ada())),
    ],
    ['nothing is noted', /^PST_ERR_EXERCISE .* None goes on\./, () => note({ finding: 'none' })],
    ['nothing is ended', /^PST_ERR_EXERCISE .* None goes on\./, end],
    ['no mode is rehearsed that nobody has', /^PST_ERR_MODE_UNKNOWN/, () => start({ mode: 'islnd' })],
  ])('%s', async ([, sentence, act]) => {
    const said = await act();
    expect(said).toMatchObject({ status: 1, out: '' });
    expect(said.err).toMatch(sentence);
  });

  test.for<[string, RegExp, () => Promise<Said>]>([
    ['an exercise without a mode', /rehearses a mode/, () => start({})],
    ['a dry incident', /not rehearsed/, () => start({ incident: true, dry: true, mode: 'island' })],
    ['a note of nothing', /a decision or a finding/, () => note({})],
    ['a note of both', /a decision or a finding/, () => note({ decision: 'a', finding: 'b' })],
    ['a time that is none', /--since soon is not a time/, () => start({ incident: true, since: 'soon' })],
  ])('%s is a usage error', async ([, sentence, act]) => {
    const said = await act();
    expect(said.status).toBe(2);
    expect(said.err).toMatch(sentence);
  });
});

describe('an exercise', () => {
  test('that is dry says what would be cut and switches nothing', async () => {
    const said = await start({ mode: 'island', dry: true, participants: 'ada, bo' });
    expect(said.status).toBe(0);
    expect(said.out).toMatch(/^# Exercise EX-\d{8}-\d{6}-\d{3}: ransomware in the \\\*office\\\* network\n/);
    expect(said.out).toMatch(/- Participants: ada, bo\n/);
    expect(said.out).toMatch(/- Would be cut: \d+ flows \(C-01 \d+, C-02 \d, /);
    expect(said.out).toMatch(/- Left in this order: C-03 \d, C-02 \d, C-01 \d, C-04 \d, C-06 \d\n/);
    expect(await modeNow()).toBe('normal');
    expect(await start({ mode: 'island' })).toMatchObject({ status: 1 });
    expect((await end()).out).toMatch(/the mode was normal\n/);
  });

  test('is one record: decisions, findings, what was switched and how long it took, and the clock', async () => {
    await start({ mode: 'lockdown', participants: 'ada' });
    expect(await modeNow()).toBe('lockdown');
    await note({ decision: 'shift lead keeps the dosing under hand' });
    await note({ finding: 'nobody knew the number of the telemetry provider' });
    engine.process.kill('SIGKILL');
    await engine.ended;
    engine = box.startEngine();
    await box.status(({ policyVersion }) => policyVersion > 0);
    await command(() => mode('normal', { ...ada(), step: '0s' }));
    await eventually(modeNow, (name) => name === 'normal');
    const said = await end();
    expect(said.status).toBe(0);
    expect(said.out).toMatch(/## Decisions\n\n- \S+ ada \(as .*\): shift lead keeps the dosing under hand\n/);
    expect(said.out).toMatch(/## Findings\n\n- .*nobody knew the number/);
    expect(said.out).toMatch(/normal → lockdown, \d+ flows cut; kernel after [\d.]+ ms; inspectors after/);
    expect(said.out).toMatch(/leaving lockdown, step 1 of \d: C-\d\d, \d+ flows? opened/);
    expect(said.out).toMatch(/From the switch to the normal mode: [\d.]+ s\n/);
    expect(said.out).toMatch(/\(maps to NIS2 Art\. 23\(4\)\(a\)\)/);
    const { clock, startedAt } = await shown();
    expect(clock).toEqual({
      from: startedAt,
      earlyWarning: startedAt + 86_400_000,
      notification: startedAt + 259_200_000,
    });
  });

  test('is on record act by act, and its exported record is the one whose digest is there', async () => {
    const { id } = await shown();
    const acts = (await rehearsed()).filter((act) => act.id === id);
    expect(acts.map(({ what }) => what)).toEqual(['started', 'decision', 'finding', 'ended']);
    const bytes = readFileSync(join(out, `${id}.json`));
    expect(Buffer.from(acts.at(-1)?.digest ?? [])).toEqual(createHash('sha256').update(bytes).digest());
    expect(readFileSync(join(out, `${id}.md`), 'utf8')).toContain(`# Exercise ${id}`);
  });
});

describe('an incident', () => {
  test('is kept in the same way, counts from when it became known, and needs no mode', async () => {
    const said = await start({ incident: true, since: '2026-11-21T10:00:00Z' });
    expect(said.out).toMatch(/^# Incident IN-/);
    expect(said.out).toMatch(/Early warning within 24 h: by 2026-11-22T10:00Z/);
    expect(said.out).toMatch(/Incident notification within 72 h: by 2026-11-24T10:00Z/);
    expect(await modeNow()).toBe('normal');
    await command(() => mode('island', ada()));
    expect((await shown()).changes).toMatchObject([{ from: 'normal', to: 'island' }]);
    expect((await end()).out).toMatch(/the mode was island\n/);
  });
});
