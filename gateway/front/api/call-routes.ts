import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { refuse } from '../../access/refusals.ts';
import { type Answers, type Asks, Calls } from '../../ipc/calls.ts';
import { type Peer, record } from '../../ipc/reports.ts';
import type { CallAnswer, EngineAsker } from '../engine-asker.ts';
import { Problem, refusalProblem, requestError, sendProblem } from '../problem.ts';
import { csrfToken, isCsrfToken } from './csrf.ts';
import {
  callsPerMinute,
  httpAnswer,
  isAnonymous,
  largestJson,
  type PublicCall,
  PublicCalls,
  startsSignIn,
} from './public-calls.ts';
import type { SignInCookie } from './sign-in-cookie.ts';

/** `POST /api/calls/<name>` for every public call, made of the same table that the engine answers by. */
export function addCallRoutes(app: FastifyInstance, engine: EngineAsker, cookie: SignInCookie): void {
  for (const name of PublicCalls) addCallRoute(app, engine, cookie, name);
}

/** Where a request comes from, as it goes on record. */
export function peerOf({ ip, socket }: FastifyRequest): Peer {
  return { address: ip.replace(/^::ffff:(?=\d+\.)/, ''), port: socket.remotePort ?? 0 };
}

function addCallRoute<N extends PublicCall>(
  app: FastifyInstance,
  engine: EngineAsker,
  cookie: SignInCookie,
  name: N,
): void {
  const asks = record(Calls[name].asks as Record<string, TSchema>);
  const anonymous = isAnonymous(name);
  app.post(
    `/api/calls/${name}`,
    {
      schema: {
        summary: summaryOf(name),
        ...(anonymous ? {} : { security: [{ signIn: [], pageToken: [] }] }),
        body: asks,
        response: { 200: httpAnswer(name), '4xx': Problem, '5xx': Problem },
      },
      bodyLimit: largestJson(asks),
      config: { rateLimit: { max: callsPerMinute(name), timeWindow: '1 minute' } },
      // Before the body is read: who is not signed in has nothing to say here.
      preParsing: async (request, reply) => {
        if (anonymous) return;
        const session = cookie.read(request);
        if (session === '') return sendProblem(reply, refusalProblem(refuse('PST_NOT_SIGNED_IN').refusal));
        if (!isCsrfToken(request.headers['x-csrf'], session)) {
          throw requestError(403, 'The x-csrf header is missing or of another sign-in.');
        }
        return;
      },
    },
    async (request, reply) => {
      // Also where none is needed: a passkey of somebody signed in is asked for by what they have.
      const session = cookie.read(request);
      // The body has passed the schema of exactly this call.
      const who = { session, source: peerOf(request), attended: true };
      const answer: CallAnswer<N> = await engine.call(name, request.body as Asks<N>, who);
      if (!answer.ok) {
        if (answer.problem.code === 'PST_NOT_SIGNED_IN') cookie.clear(reply);
        return sendProblem(reply, refusalProblem(answer.problem));
      }
      if (name === 'sign-out') cookie.clear(reply);
      if (!startsSignIn(name)) return answer.body;
      const { session: secret, me } = answer.body as Answers<'sign-in'>;
      await endFormer(request);
      cookie.set(reply, secret);
      return { csrf: csrfToken(secret), me };
    },
  );

  /** Whoever signs in again in one browser leaves no second sign-in behind. */
  async function endFormer(request: FastifyRequest): Promise<void> {
    const session = cookie.read(request);
    if (session !== '')
      await engine.call('sign-out', {}, { session, source: peerOf(request), attended: true });
  }
}

function summaryOf(name: PublicCall): string {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
