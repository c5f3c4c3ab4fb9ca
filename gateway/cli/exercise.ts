import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { ExerciseBody, exerciseText } from '../ipc/exercise-body.ts';
import type { ControlToEngine } from '../ipc/messages.ts';
import { controlSocket } from '../run/processes.ts';
import { readTime } from './check.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import { describeExercise } from './exercise-text.ts';
import { ExitStatus, UsageError, writeNamedFile } from './output.ts';
import { findPerson } from './person.ts';

interface CommonOptions {
  readonly config: string;
  readonly by?: string;
  /** Directory the record is also written to, as Markdown and JSON. */
  readonly out?: string;
  readonly json?: boolean;
}

export interface StartOptions extends CommonOptions {
  readonly mode?: string;
  readonly scenario: string;
  /** Names with commas. */
  readonly participants?: string;
  readonly dry?: boolean;
  /** A real one. */
  readonly incident?: boolean;
  /** When it became known. */
  readonly since?: string;
}

/**
 * `penstock exercise start`: rehearses a mode, or keeps a real incident in the same way.
 * @returns 0 when it goes on, and the mode is switched unless it is dry; 1 when it was refused
 */
export async function startExercise(options: StartOptions): Promise<number> {
  const { mode, scenario, dry, incident, participants = '', since } = options;
  if (mode === undefined && incident !== true) {
    throw new UsageError('An exercise rehearses a mode.', 'Name it: --mode island.');
  }
  if (dry === true && incident === true) {
    throw new UsageError('An incident is not rehearsed.', 'Give --dry or --incident.');
  }
  const names = participants.split(',').map((name) => name.trim());
  return ask(options, {
    what: 'start',
    occasion: incident === true ? 'incident' : 'exercise',
    mode: mode ?? '',
    dry: dry === true,
    scenario,
    participants: names.filter((name) => name !== ''),
    ...(since === undefined ? {} : { since: readTime('--since', since) }),
  });
}

/** `penstock exercise note`: @returns 0 when it is on record, 1 when it was refused */
export async function noteExercise(
  options: CommonOptions & { readonly decision?: string; readonly finding?: string },
): Promise<number> {
  const { decision, finding } = options;
  if ((decision === undefined) === (finding === undefined)) {
    throw new UsageError('A note is a decision or a finding.', 'Give --decision TEXT or --finding TEXT.');
  }
  return ask(
    options,
    decision === undefined ? { what: 'finding', text: finding ?? '' } : { what: 'decision', text: decision },
  );
}

/** `penstock exercise end`: @returns 0 when it is ended and on record, 1 when it was refused */
export function endExercise(options: CommonOptions): Promise<number> {
  return ask(options, { what: 'end' });
}

/** `penstock exercise show`: the one that goes on, or the last. @returns 0, or 1 when there is none */
export function showExercise(options: CommonOptions): Promise<number> {
  return tell(options, { kind: 'ask', id: 1, what: 'exercise' });
}

type ExerciseAct = Extract<ControlToEngine, { readonly kind: 'exercise' }>['act'];

function ask(options: CommonOptions, act: ExerciseAct): Promise<number> {
  return tell(options, { kind: 'exercise', id: 1, by: findPerson(options.by), act });
}

async function tell(options: CommonOptions, message: ControlToEngine): Promise<number> {
  const answer = await askEngine(controlSocket(readConfig(options.config)), message, ExerciseBody);
  if (!answer.ok) {
    const { ok: _, ...problem } = answer;
    if (options.json === true) console.log(JSON.stringify(problem));
    else explainNoAnswer(answer);
    return ExitStatus.refused;
  }
  const { body } = answer;
  console.log(options.json === true ? JSON.stringify(body) : describeExercise(body).trimEnd());
  if (options.out !== undefined) exportExercise(body, options.out);
  return ExitStatus.good;
}

/** The JSON file is the bytes whose digest is in the evidence. @throws UsageError */
function exportExercise(body: ExerciseBody, directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeNamedFile(join(directory, `${body.id}.md`), describeExercise(body));
  writeNamedFile(join(directory, `${body.id}.json`), exerciseText(body));
}
