import type { FastifyError, FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import type { EngineProblem } from './engine-asker.ts';

/** An error as the API tells it (RFC 9457), with our code and what a person can do about it. */
export const Problem = Type.Object({
  type: Type.Literal('about:blank'),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  detail: Type.String(),
  code: Type.String(),
  remedy: Type.String(),
});
export type Problem = Static<typeof Problem>;

export const ProblemMediaType = 'application/problem+json';

/** The engine did not answer: the API cannot, but is itself alive. */
export function engineProblem({ code, sentence, remedy }: EngineProblem): Problem {
  return { type: 'about:blank', title: 'No answer', status: 503, detail: sentence, code, remedy };
}

/** What a request did wrong, or what went wrong here; a defect of ours shows nothing of its inside. */
export function requestProblem(error: FastifyError): Problem {
  const status = error.statusCode !== undefined && error.statusCode >= 400 ? error.statusCode : 500;
  if (status >= 500) {
    return {
      type: 'about:blank',
      title: 'Internal error',
      status: 500,
      detail: 'The front met a defect of its own.',
      code: 'INTERNAL',
      remedy: 'Read the process log of the front. Enforcement is not affected.',
    };
  }
  const known = Known.get(status) ?? { title: 'Bad request', code: 'BAD_REQUEST', remedy: ReadDocument };
  return { type: 'about:blank', status, detail: error.message, ...known };
}

/** A request error with a status of {@link requestProblem}'s. */
export function requestError(statusCode: number, message: string): FastifyError {
  return Object.assign(new Error(message), { statusCode, code: 'REQUEST', name: 'FastifyError' });
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // As bytes, so that no response schema is applied to it and no charset added to its media type.
  return reply
    .code(problem.status)
    .type(ProblemMediaType)
    .send(Buffer.from(JSON.stringify(problem)));
}

const ReadDocument = 'See /api/openapi.json for what can be asked.';

const Known = new Map([
  [404, { title: 'Not found', code: 'NOT_FOUND', remedy: ReadDocument }],
  [405, { title: 'Method not allowed', code: 'READ_ONLY', remedy: 'The API only reads: use GET.' }],
  [
    421,
    {
      title: 'Misdirected request',
      code: 'HOST',
      remedy: 'Open the page by localhost or its loopback address.',
    },
  ],
  [429, { title: 'Too many requests', code: 'RATE', remedy: 'Ask less often; the page asks every 2 s.' }],
]);
