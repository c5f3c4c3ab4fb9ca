import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Check } from 'typebox/value';
import { type Answers, type Asks, type Call, type CallName, Calls } from '../ipc/calls.ts';
import { connectLocally } from '../ipc/connect.ts';
import { ExerciseBody } from '../ipc/exercise-body.ts';
import { MaxEngineFrame } from '../ipc/frame.ts';
import {
  checkEngineToFront,
  type EngineToFront,
  type FrontToEngine,
  type Question,
} from '../ipc/messages.ts';
import { ModeBody } from '../ipc/mode-body.ts';
import type { Peer } from '../ipc/reports.ts';
import {
  AuditedBody,
  ConduitsBody,
  ConnectionsBody,
  MetricsBody,
  ObservationBody,
  RefusalsBody,
  StatusBody,
} from '../ipc/snapshot.ts';

/** Asks the engine. It never throws: an engine that is gone, late or silent is an answer like any other. */
export interface EngineAsker {
  readonly ask: <Q extends Question>(what: Q) => Promise<EngineAnswer<Q>>;
  /** Carries a person's call; `who` is not looked at here. */
  readonly call: <N extends CallName>(name: N, asks: Asks<N>, who: Who) => Promise<CallAnswer<N>>;
  readonly close: () => void;
}

/** Who calls: the secret of a sign-in or '', where from, and whether a person did it or a page by itself. */
export interface Who {
  readonly session: string;
  readonly source: Peer;
  readonly attended: boolean;
}

export type EngineAnswer<Q extends Question> =
  | { readonly ok: true; readonly body: Static<(typeof Bodies)[Q]> }
  | { readonly ok: false; readonly problem: EngineProblem };

export type CallAnswer<N extends CallName> =
  | { readonly ok: true; readonly body: Answers<N> }
  | { readonly ok: false; readonly problem: EngineProblem };

/** What the engine says unasked. */
export type EngineNews = Extract<EngineToFront, { readonly kind: 'carriers' | 'page-identity' }>;

/** Why there is no answer, for people. */
export interface EngineProblem {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
}

/** Milliseconds the engine has to answer; it answers from memory. */
export const AnswerTime = 2_000;

/** Milliseconds a person's call may take: passwords are hashed one at a time, and some acts wait for the disk. */
export const CallTime = 20_000;

/**
 * Keeps a connection to the engine's socket, also through its restarts. Equal questions that are asked
 * while one is on its way share the answer, so that many viewers cost the engine what one does.
 */
export function openEngineAsker(
  socketPath: string,
  /** Told what the engine says unasked, and `undefined` when it cannot be reached any more. */
  onNews: (news: EngineNews | undefined) => void = () => undefined,
): EngineAsker {
  const waiting = new Map<number, (reply: Reply | EngineProblem) => void>();
  const shared = new Map<Question, Promise<EngineAnswer<Question>>>();
  let lastId = 0;

  const client = connectLocally<EngineToFront, FrontToEngine>({
    path: socketPath,
    check: checkEngineToFront,
    maxFrame: MaxEngineFrame,
    onOpen: () => undefined,
    onMessage: (message) => {
      if ('id' in message) waiting.get(message.id)?.(message);
      else onNews(message);
    },
    onLost: () => {
      onNews(undefined);
      for (const settle of waiting.values()) settle(Gone);
    },
  });

  function send(message: (id: number) => FrontToEngine, patience: number): Promise<Reply | EngineProblem> {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(Silent), patience);
      const settle = (reply: Reply | EngineProblem): void => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(reply);
      };
      waiting.set(id, settle);
      if (!client.send(message(id))) settle(Gone);
    });
  }

  async function askOnce(what: Question): Promise<EngineAnswer<Question>> {
    const reply = await send((id) => ({ kind: 'ask', id, what }), AnswerTime);
    if (!('kind' in reply)) return { ok: false, problem: reply };
    if (reply.kind === 'no-answer') return { ok: false, problem: problemOf(reply) };
    if (!validators[what].Check(reply.body)) return { ok: false, problem: Unreadable };
    return { ok: true, body: reply.body };
  }

  async function call<N extends CallName>(name: N, asks: Asks<N>, who: Who): Promise<CallAnswer<N>> {
    // The name and what goes with it are of one kind, which the compiler does not see in a union.
    const said = { name, with: asks } as Call;
    const reply = await send((id) => ({ kind: 'call', id, ...who, call: said }), CallTime);
    if (!('kind' in reply)) return { ok: false, problem: reply };
    if (reply.kind === 'no-answer') return { ok: false, problem: problemOf(reply) };
    const { answers } = Calls[name];
    if (!Check(answers, reply.body)) return { ok: false, problem: Unreadable };
    return { ok: true, body: reply.body as Answers<N> };
  }

  function ask<Q extends Question>(what: Q): Promise<EngineAnswer<Q>> {
    let answer = shared.get(what);
    if (answer === undefined) {
      answer = askOnce(what).finally(() => shared.delete(what));
      shared.set(what, answer);
    }
    // The validator of exactly this question has accepted the body.
    return answer as Promise<EngineAnswer<Q>>;
  }

  return { ask, call, close: client.close };
}

type Reply = Extract<EngineToFront, { readonly kind: 'answer' | 'no-answer' }>;

function problemOf({
  code,
  sentence,
  remedy,
}: Extract<Reply, { readonly kind: 'no-answer' }>): EngineProblem {
  return { code, sentence, remedy };
}

const Bodies = {
  status: StatusBody,
  conduits: ConduitsBody,
  connections: ConnectionsBody,
  refusals: RefusalsBody,
  metrics: MetricsBody,
  mode: ModeBody,
  exercise: ExerciseBody,
  observation: ObservationBody,
  audited: AuditedBody,
} as const satisfies Record<Question, TSchema>;

const validators = {
  status: Compile(Bodies.status),
  conduits: Compile(Bodies.conduits),
  connections: Compile(Bodies.connections),
  refusals: Compile(Bodies.refusals),
  metrics: Compile(Bodies.metrics),
  mode: Compile(Bodies.mode),
  exercise: Compile(Bodies.exercise),
  observation: Compile(Bodies.observation),
  audited: Compile(Bodies.audited),
} as const;

const EngineRemedy =
  'What is enforced stays enforced. The engine is restarted by itself; when this lasts, read its process log.';

const Gone: EngineProblem = {
  code: 'PST_ERR_ENGINE_GONE',
  sentence: 'The engine cannot be reached.',
  remedy: EngineRemedy,
};

const Silent: EngineProblem = {
  code: 'PST_ERR_ENGINE_GONE',
  sentence: 'The engine did not answer in time.',
  remedy: EngineRemedy,
};

const Unreadable: EngineProblem = {
  code: 'PST_ERR_ENGINE_GONE',
  sentence: 'The engine gave an answer of another release.',
  remedy: 'Restart all processes of the gateway together.',
};
