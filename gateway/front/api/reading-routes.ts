import type { FastifyInstance } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { Reasons } from '../../../rules/reason.ts';
import { refuse } from '../../access/refusals.ts';
import { MeBody } from '../../ipc/account-body.ts';
import type { Question } from '../../ipc/messages.ts';
import { ModeBody } from '../../ipc/mode-body.ts';
import { ConduitsBody, ConnectionsBody, RefusalsBody, StatusBody } from '../../ipc/snapshot.ts';
import type { EngineAsker } from '../engine-asker.ts';
import { Problem, refusalProblem, sendProblem } from '../problem.ts';
import { csrfToken } from './csrf.ts';
import { knownCaller, obstacleToLooking } from './known-caller.ts';
import type { SignInCookie } from './sign-in-cookie.ts';

/** `GET`: the state of the plant for whoever is signed in and no vendor; health and the list of reasons for all. */
export function addReadingRoutes(app: FastifyInstance, engine: EngineAsker, cookie: SignInCookie): void {
  const resource = (path: string, what: Question, body: TSchema, summary: string): void => {
    const schema = { summary, security: [{ signIn: [] }], response: { 200: body, ...Problems } };
    app.get(path, { schema }, async (request, reply) => {
      const caller = await knownCaller(request, reply, engine, cookie);
      if (caller === undefined) return reply;
      const obstacle = obstacleToLooking(caller.me);
      if (obstacle !== undefined) return sendProblem(reply, refusalProblem(refuse(obstacle).refusal));
      const answer = await engine.ask(what);
      return answer.ok ? answer.body : sendProblem(reply, refusalProblem(answer.problem));
    });
  };
  resource('/api/status', 'status', StatusBody, 'What is enforced, by which processes, and every alarm');
  resource('/api/conduits', 'conduits', ConduitsBody, 'Conduits and flows with live counters');
  resource('/api/connections', 'connections', ConnectionsBody, 'Inspected connections open now');
  resource('/api/mode', 'mode', ModeBody, 'The mode in force, what it cuts, and how far leaving it has come');
  resource('/api/refusals', 'refusals', RefusalsBody, 'The latest refusals, most recent first, at most 200');

  const meSchema = {
    summary: 'Who is signed in with this cookie, and the token their acts need',
    security: [{ signIn: [] }],
    response: { 200: Type.Object({ csrf: Type.String(), me: MeBody }), ...Problems },
  };
  app.get('/api/me', { schema: meSchema }, async (request, reply) => {
    const caller = await knownCaller(request, reply, engine, cookie);
    return caller === undefined ? reply : { csrf: csrfToken(caller.session), me: caller.me };
  });

  const healthSchema = {
    summary: 'Whether the gateway answers: 200, or 503 with a sentence',
    response: { 200: Health, '5xx': Problem },
  };
  app.get('/api/health', { schema: healthSchema }, async (_request, reply) => {
    const answer = await engine.ask('status');
    if (!answer.ok) return sendProblem(reply, refusalProblem(answer.problem));
    const { policyVersion, alarms } = answer.body;
    return { status: 'ok' as const, policyVersion, alarms: alarms.length };
  });

  const reasonsSchema = {
    summary: 'Why something is refused: the closed list',
    response: { 200: ReasonList },
  };
  app.get('/api/reasons', { schema: reasonsSchema }, () =>
    Object.entries(Reasons).map(([code, { sentence, sr }]) => ({ code, sentence, sr })),
  );
}

const Problems = { '4xx': Problem, '5xx': Problem } as const;

const Health = Type.Object({
  status: Type.Literal('ok'),
  policyVersion: Type.Integer(),
  /** How many alarms hold now; each is in /api/status. */
  alarms: Type.Integer(),
});

const ReasonList = Type.Array(
  /** `sr` is the IEC 62443-3-3 requirement that refusing supports. */
  Type.Object({ code: Type.String(), sentence: Type.String(), sr: Type.String() }),
);
