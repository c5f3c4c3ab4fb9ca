import { connect } from 'node:net';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { GatewayError } from '../errors.ts';
import { openChannel } from '../ipc/channel.ts';
import { MaxEngineFrame } from '../ipc/frame.ts';
import { type ControlToEngine, checkEngineToControl, type EngineToControl } from '../ipc/messages.ts';

/** What the engine said: the body, or why not, for people. */
export type EngineAnswer<B> =
  | { readonly ok: true; readonly body: B }
  | { readonly ok: false; readonly code: string; readonly sentence: string; readonly remedy: string };

/**
 * Asks the engine one thing over its control socket and waits for the answer, whose body must be of this form.
 * @throws GatewayError PST_ERR_ENGINE_GONE when it is not there, hangs up, is silent or of another release
 */
export async function askEngine<S extends TSchema>(
  socketPath: string,
  message: ControlToEngine,
  form: S,
): Promise<EngineAnswer<Static<S>>> {
  const answer = await exchange(socketPath, message);
  if (answer.kind === 'no-answer') {
    const { code, sentence, remedy } = answer;
    return { ok: false, code, sentence, remedy };
  }
  const { body } = answer;
  if (Compile(form).Check(body)) return { ok: true, body };
  throw new GatewayError('PST_ERR_ENGINE_GONE', `${socketPath}: it speaks as another release does.`);
}

/** Whether it threw because no engine runs: one that hung up or is silent may have done what it was asked. */
export function isNotThere({ code, cause }: GatewayError): boolean {
  if (code !== 'PST_ERR_ENGINE_GONE' || !(cause instanceof Error) || !('code' in cause)) return false;
  return cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED';
}

/** Prints why the engine did not do it: code, sentence, remedy. */
export function explainNoAnswer({ code, sentence, remedy }: EngineAnswer<never> & { ok: false }): void {
  console.error(`${code} ${sentence}\n  ${remedy}`);
}

function exchange(socketPath: string, message: ControlToEngine): Promise<EngineToControl> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const giveUp = (problem: string, cause?: Error): void => {
      clearTimeout(timer);
      reject(new GatewayError('PST_ERR_ENGINE_GONE', `${socketPath}: ${problem}.`, cause));
    };
    const timer = setTimeout(() => {
      socket.destroy();
      giveUp('no answer in time');
    }, Patience);
    socket.once('connect', () => {
      const channel = openChannel<EngineToControl, ControlToEngine>(socket, {
        check: checkEngineToControl,
        maxFrame: MaxEngineFrame,
        onMessage: (answer) => {
          clearTimeout(timer);
          resolve(answer);
          channel.close();
        },
        onClose: (problem) => giveUp(problem === '' ? 'it hung up' : problem),
      });
      channel.send(message);
    });
    socket.once('error', (error) => giveUp(error.message, error));
  });
}

/** Applying 10 000 flows on a small box takes seconds. Milliseconds. */
const Patience = 60_000;
