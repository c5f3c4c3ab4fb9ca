import type { FastifyError, FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import { type RefusalKind, refusalKind } from '../access/refusals.ts';
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

/** Why the engine did not do or answer something; a code of no kind is an engine that cannot be reached. */
export function refusalProblem({ code, sentence, remedy }: EngineProblem): Problem {
  const { status, title } = Kinds[refusalKind(code) ?? 'failed'];
  return { type: 'about:blank', title, status, detail: sentence, code, remedy };
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

const Kinds: Readonly<Record<RefusalKind, { readonly status: number; readonly title: string }>> = {
  'sign-in': { status: 401, title: 'Not signed in' },
  forbidden: { status: 403, title: 'Not permitted' },
  'not-found': { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Not now' },
  invalid: { status: 400, title: 'Not usable' },
  busy: { status: 429, title: 'Too many requests' },
  failed: { status: 503, title: 'No answer' },
};

const ReadDocument = 'See /api/openapi.json for what can be asked.';

const Known = new Map([
  [404, { title: 'Not found', code: 'NOT_FOUND', remedy: ReadDocument }],
  [
    403,
    {
      title: 'Not permitted',
      code: 'CROSS_SITE',
      remedy: 'Do it on the page of this gateway itself; load it again when this lasts.',
    },
  ],
  [
    405,
    {
      title: 'Method not allowed',
      code: 'METHOD',
      remedy: 'Read with GET; make calls with POST /api/calls/….',
    },
  ],
  [413, { title: 'Too large', code: 'TOO_LARGE', remedy: ReadDocument }],
  [415, { title: 'Not JSON', code: 'MEDIA_TYPE', remedy: 'Send application/json.' }],
  [
    421,
    {
      title: 'Misdirected request',
      code: 'HOST',
      remedy: 'Open the page by localhost or its loopback address.',
    },
  ],
  [429, { title: 'Too many requests', code: 'RATE', remedy: 'Ask less often, or later.' }],
]);
