import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { Reasons } from '../../rules/reason.ts';
import type { Question } from '../ipc/messages.ts';
import { ModeBody } from '../ipc/mode-body.ts';
import { ConduitsBody, ConnectionsBody, RefusalsBody, StatusBody } from '../ipc/snapshot.ts';
import { GatewayRelease } from '../release.ts';
import type { EngineAsker } from './engine-asker.ts';
import { isLoopbackHost } from './loopback.ts';
import { readPage } from './page-files.ts';
import { engineProblem, Problem, requestError, requestProblem, sendProblem } from './problem.ts';

export interface ApiOptions {
  readonly engine: EngineAsker;
  /** Certificate and key in PEM form; without them only a loopback address may be listened on. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Told of a defect of ours that a request brought to light. */
  readonly onDefect: (error: Error) => void;
}

/** The API and the operator page, read-only; not listening yet, so that tests can inject requests. */
export async function buildServer({ engine, tls, onDefect }: ApiOptions): Promise<FastifyInstance> {
  const app = fastify({ https: tls ?? null, bodyLimit: 1024, requestTimeout: 10_000, ...Quiet })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler);

  app.setErrorHandler((error: Error & { statusCode?: number; code: string }, _request, reply) => {
    const problem = requestProblem(error);
    if (problem.status >= 500) onDefect(error);
    return sendProblem(reply, problem);
  });

  // A name pointing at 127.0.0.1 is no way in; behind TLS the certificate's name stands in its way.
  app.addHook('onRequest', async (request) => {
    if (tls === undefined && !isLoopbackHost(request.headers.host)) {
      throw requestError(421, `This page is not served as “${request.headers.host ?? ''}”.`);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw requestError(405, `${request.method} is not possible here.`);
    }
  });

  await app.register(helmet, securityHeaders(tls !== undefined));
  await app.register(rateLimit, {
    max: RequestsPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { after }) => requestError(429, `Too many requests; again in ${after}.`),
  });
  await app.register(swagger, { openapi: Document });
  app.setNotFoundHandler((request) => {
    throw requestError(404, `There is nothing at ${request.url.slice(0, 200)}.`);
  });

  async function relay(what: Question, reply: FastifyReply): Promise<unknown> {
    const answer = await engine.ask(what);
    return answer.ok ? answer.body : sendProblem(reply, engineProblem(answer.problem));
  }

  const resource = (path: string, what: Question, body: TSchema, summary: string): void => {
    const schema = { summary, response: { 200: body, 503: Problem } };
    app.get(path, { schema }, (_request, reply) => relay(what, reply));
  };
  resource('/api/status', 'status', StatusBody, 'What is enforced, by which processes, and every alarm');
  resource('/api/conduits', 'conduits', ConduitsBody, 'Conduits and flows with live counters');
  resource('/api/connections', 'connections', ConnectionsBody, 'Inspected connections open now');
  resource('/api/mode', 'mode', ModeBody, 'The mode in force, what it cuts, and how far leaving it has come');
  resource('/api/refusals', 'refusals', RefusalsBody, 'The latest refusals, most recent first, at most 200');

  const healthSchema = {
    summary: 'Whether the gateway answers: 200, or 503 with a sentence',
    response: { 200: Health, 503: Problem },
  };
  app.get('/api/health', { schema: healthSchema }, async (_request, reply) => {
    const answer = await engine.ask('status');
    if (!answer.ok) return sendProblem(reply, engineProblem(answer.problem));
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

  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
  for (const { path, mediaType, body } of readPage()) {
    app.get(path, { schema: { hide: true } }, (_request, reply) =>
      reply.type(mediaType).header('cache-control', 'no-cache').send(body),
    );
  }
  return app;
}

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

/** A page asks about 150 times a minute; several viewers may sit behind one address. */
const RequestsPerMinute = 1_500;

/** pino is the process's, not the server's: a log line per request would tell who looked, and nothing else. */
const Quiet = { logger: false } as const;

const Document = {
  openapi: '3.1.0',
  info: {
    title: 'Penstock gateway',
    description: 'Read-only. Times are milliseconds since the Unix epoch. Errors are RFC 9457 problems.',
    version: GatewayRelease,
  },
} as const;

/** Nothing but our own files, no inline script, no frame, and no form. */
function securityHeaders(encrypted: boolean) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' as const },
    hsts: encrypted,
  };
}
