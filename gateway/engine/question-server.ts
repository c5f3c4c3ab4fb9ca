import { peerUser } from '../ffi/peer.ts';
import { type Channel, openChannel } from '../ipc/channel.ts';
import { type LocalListener, listenLocally } from '../ipc/listen.ts';
import {
  type ControlToEngine,
  checkControlToEngine,
  checkFrontToEngine,
  type EngineToControl,
  type EngineToFront,
  type FrontToEngine,
  type Question,
} from '../ipc/messages.ts';
import { nameOfUser } from '../run/account.ts';

/** Why something was not answered or not done, for people. */
export interface Problem {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
}

export type Outcome =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly problem: Problem };

/** What the command line may ask to be done. */
export type Act = Exclude<ControlToEngine, { readonly kind: 'ask' }>;

/** What the engine answers: to the front only questions, to the command line acts as well. */
export interface QuestionServerOptions {
  readonly frontPath: string;
  readonly controlPath: string;
  readonly answer: (what: Question) => Outcome;
  /** What people ask through the front; see gateway/access/. */
  readonly call: (asked: Extract<FrontToEngine, { readonly kind: 'call' }>) => Promise<Outcome>;
  /** A front has connected: it is told what stands. */
  readonly onFront: (front: Channel<EngineToFront>) => void;
  readonly onFrontLost: (front: Channel<EngineToFront>) => void;
  /** `by` names who asks, as they go on record. */
  readonly act: (asked: Act, by: string) => Promise<Outcome>;
}

/**
 * Listens for the front and for the command line. The two have sockets of their own, because the front
 * faces people and must not be able to hand over a bundle (62443-3-3 SR 2.1).
 * @throws GatewayError PST_ERR_SOCKET
 */
export async function openQuestionServer(options: QuestionServerOptions): Promise<readonly LocalListener[]> {
  const { frontPath, controlPath, answer, call, onFront, onFrontLost, act } = options;
  return Promise.all([
    listenLocally({
      path: frontPath,
      directoryMode: 0o750,
      mode: 0o660,
      onConnection: (socket) => {
        const front = openChannel<FrontToEngine, EngineToFront>(socket, {
          check: checkFrontToEngine,
          onMessage: (message, channel) => {
            if (message.kind === 'ask') return void channel.send(reply(message.id, answer(message.what)));
            void call(message).then((outcome) => channel.send(reply(message.id, outcome)));
          },
          onClose: () => onFrontLost(front),
        });
        onFront(front);
      },
    }),
    listenLocally({
      path: controlPath,
      directoryMode: 0o700,
      mode: 0o600,
      onConnection: (socket) => {
        const user = peerUser(socket);
        openChannel<ControlToEngine, EngineToControl>(socket, {
          check: checkControlToEngine,
          onMessage: (message, channel) => {
            if (message.kind === 'ask') return void channel.send(reply(message.id, answer(message.what)));
            const person = personOf(message.by, user);
            void act(message, person).then((outcome) => channel.send(reply(message.id, outcome)));
          },
          onClose: () => undefined,
        });
      },
    }),
  ]);
}

/** `anna (as root)`: what somebody says of themselves, and whom the kernel saw. */
function personOf(said: string, user: number | undefined): string {
  const account = user === undefined ? 'control socket' : nameOfUser(user);
  return said === '' || said === account ? account : `${said} (as ${account})`;
}

function reply(id: number, outcome: Outcome): EngineToControl {
  return outcome.ok
    ? { kind: 'answer', id, body: outcome.body }
    : { kind: 'no-answer', id, ...outcome.problem };
}
