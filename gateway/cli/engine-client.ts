import { connect } from 'node:net';
import { GatewayError } from '../errors.ts';
import { openChannel } from '../ipc/channel.ts';
import { MaxEngineFrame } from '../ipc/frame.ts';
import { type ControlToEngine, checkEngineToControl, type EngineToControl } from '../ipc/messages.ts';

/** What the engine said: the body, or why not, for people. */
export type EngineAnswer = Exclude<EngineToControl, { kind: 'never' }>;

/**
 * Asks the engine one thing over its control socket and waits for the answer.
 * @throws GatewayError PST_ERR_ENGINE_GONE when it is not there, hangs up or is silent
 */
export function askEngine(socketPath: string, message: ControlToEngine): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const give = (problem: string): void => {
      clearTimeout(timer);
      reject(new GatewayError('PST_ERR_ENGINE_GONE', `${socketPath}: ${problem}.`));
    };
    const timer = setTimeout(() => {
      socket.destroy();
      give('no answer in time');
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
        onClose: (problem) => give(problem === '' ? 'it hung up' : problem),
      });
      channel.send(message);
    });
    socket.once('error', (error) => give(error.message));
  });
}

/** Applying 10 000 flows on a small box takes seconds. Milliseconds. */
const Patience = 60_000;
