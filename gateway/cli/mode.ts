import { NormalMode } from '../../rules/admission/mode.ts';
import { readConfig } from '../config.ts';
import { LongestPace } from '../ipc/messages.ts';
import { ModeBody, SwitchedBody } from '../ipc/mode-body.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, type EngineAnswer, explainNoAnswer } from './engine-client.ts';
import { describeMode, describeSwitched } from './mode-text.ts';
import { ExitStatus, UsageError } from './output.ts';
import { findPerson, requirePerson } from './person.ts';
import { readTimeSpan } from './time-span.ts';

export interface ModeOptions {
  readonly config: string;
  readonly reason?: string;
  readonly by?: string;
  /** `10s`, or `confirm`; {@link DefaultPace} where it is not given. */
  readonly step?: string;
  readonly json?: boolean;
}

/**
 * `penstock mode`: the mode in force. `penstock mode NAME`: another one. Whoever opens what was cut is named; what
 * cuts waits for nobody's name.
 * @returns shown: 0 in the normal mode, 1 in any other. Switched: 0 when it is done, 1 when it was refused or
 * something of it is not done yet
 */
export async function mode(name: string | undefined, options: ModeOptions): Promise<number> {
  const socket = controlSocket(readConfig(options.config));
  if (name === undefined) {
    for (const option of ['reason', 'by', 'step'] as const) {
      if (options[option] === undefined) continue;
      throw new UsageError(`--${option} belongs to a switch.`, 'Name the mode to switch to.');
    }
    const answer = await askEngine(socket, { kind: 'ask', id: 1, what: 'mode' }, ModeBody);
    print(answer, options, describeMode);
    return answer.ok && answer.body.name === NormalMode ? ExitStatus.good : ExitStatus.refused;
  }
  const asked = {
    kind: 'mode',
    id: 1,
    mode: name,
    by: name === NormalMode ? requirePerson(options.by) : findPerson(options.by),
    why: options.reason ?? '',
    pace: readPace(name, options.step),
  } as const;
  const answer = await askEngine(socket, asked, SwitchedBody);
  print(answer, options, describeSwitched);
  return answer.ok && answer.body.troubles.length === 0 ? ExitStatus.good : ExitStatus.refused;
}

function print<B>(answer: EngineAnswer<B>, { json }: ModeOptions, describe: (body: B) => string): void {
  if (json === true) {
    const { ok: _, ...problem } = answer;
    console.log(JSON.stringify(answer.ok ? answer.body : problem));
  } else if (answer.ok) console.log(describe(answer.body));
  else explainNoAnswer(answer);
}

function readPace(name: string, step: string | undefined): number | 'confirm' {
  if (step === undefined) return DefaultPace;
  if (name !== NormalMode) {
    throw new UsageError('--step is about leaving a mode.', 'Give it with penstock mode normal.');
  }
  if (step === 'confirm') return 'confirm';
  const span = readTimeSpan(step);
  if (span !== undefined && span <= LongestPace) return span;
  throw new UsageError(
    `--step ${step} is no time of a day at most.`,
    'Write it as 10s or 5min, or as confirm.',
  );
}

/** Milliseconds from one step of leaving a mode to the next. */
const DefaultPace = 2_000;
