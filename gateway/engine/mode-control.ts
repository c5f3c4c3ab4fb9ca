import type { Policy } from '../../rules/policy.ts';
import { GatewayError } from '../errors.ts';
import type { ControlToEngine } from '../ipc/messages.ts';
import type { ExerciseBook } from './exercise-book.ts';
import { describeSwitch } from './mode-answer.ts';
import type { ModeKeeper } from './mode-keeper.ts';
import type { Outcome } from './question-server.ts';

/** Switches the mode for a person and says what that did, or why it did not. `by` names them as they go on record. */
export async function switchForPerson(
  modes: ModeKeeper,
  { mode, why, pace }: Extract<ControlToEngine, { readonly kind: 'mode' }>,
  by: string,
  policy: () => Policy | undefined,
): Promise<Outcome> {
  try {
    const outcome = await modes.switchTo({ mode, by, why, pace });
    return { ok: true, body: describeSwitch(outcome, modes.report(), policy()) };
  } catch (cause) {
    return refusalOf(cause);
  }
}

/** Carries out what a person asks of the exercise. */
export async function rehearseForPerson(
  exercises: ExerciseBook,
  { act }: Extract<ControlToEngine, { readonly kind: 'exercise' }>,
  by: string,
): Promise<Outcome> {
  try {
    return { ok: true, body: await exercises.act(act, by) };
  } catch (cause) {
    return refusalOf(cause);
  }
}

/** What a person is told when it could not be done; a bug stops the process instead. */
function refusalOf(cause: unknown): Outcome {
  if (!(cause instanceof GatewayError)) throw cause;
  const { code, message, remedy } = cause;
  return { ok: false, problem: { code, sentence: message, remedy } };
}
