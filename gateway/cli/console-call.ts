import { readConfig } from '../config.ts';
import { type Answers, type Asks, type Call, type CallName, Calls } from '../ipc/calls.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, type EngineAnswer, explainNoAnswer } from './engine-client.ts';
import { ExitStatus } from './output.ts';
import { findPerson } from './person.ts';

/** How every command that makes a call is told where and for whom. */
export interface CallOptions {
  readonly config: string;
  /** Who says it, for the record. */
  readonly by?: string;
  readonly json?: boolean;
}

/**
 * Makes one call at the console: no sign-in, and on record as made there.
 * @throws GatewayError PST_ERR_CONFIG_READ, PST_ERR_CONFIG, PST_ERR_ENGINE_GONE
 */
export async function callAtConsole<N extends CallName>(
  name: N,
  asks: Asks<N>,
  { config, by }: CallOptions,
): Promise<EngineAnswer<Answers<N>>> {
  // The name and what goes with it are of one kind, which the compiler does not see in a union.
  const call = { name, with: asks } as Call;
  const message = { kind: 'call', id: 1, by: findPerson(by), call } as const;
  const answer = await askEngine(controlSocket(readConfig(config)), message, Calls[name].answers);
  return answer as EngineAnswer<Answers<N>>;
}

/** Prints what came of a call, as text or JSON. @returns 0, or 1 when it was refused */
export function printAnswer<B>(
  answer: EngineAnswer<B>,
  { json }: CallOptions,
  describe: (body: B) => string,
): number {
  if (json === true) {
    const { ok: _, ...problem } = answer;
    console.log(JSON.stringify(answer.ok ? answer.body : problem));
  } else if (answer.ok) console.log(describe(answer.body));
  else explainNoAnswer(answer);
  return answer.ok ? ExitStatus.good : ExitStatus.refused;
}
