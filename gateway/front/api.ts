import type { Socket } from 'node:net';
import cookies from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { type FastifyInstance, fastify } from 'fastify';
import { GatewayRelease } from '../release.ts';
import { addCallRoutes } from './api/call-routes.ts';
import { addLiveRoute } from './api/live-route.ts';
import { addReadingRoutes } from './api/reading-routes.ts';
import { isSameSite } from './api/same-site.ts';
import { signInCookie } from './api/sign-in-cookie.ts';
import { createSourceBounds } from './carriers/source-bounds.ts';
import type { EngineAsker } from './engine-asker.ts';
import { isLoopbackHost } from './loopback.ts';
import { readPage } from './page-files.ts';
import { requestError, requestProblem, sendProblem } from './problem.ts';

export interface ApiOptions {
  readonly engine: EngineAsker;
  /** Certificate and key in PEM form; without them only a loopback address may be listened on. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Told of a defect of ours that a request brought to light. */
  readonly onDefect: (error: Error) => void;
}

/**
 * The API and the pages; not listening yet, so that tests can inject requests. It carries what people ask to the
 * engine, which alone knows who they are and what they may.
 */
export async function buildServer({ engine, tls, onDefect }: ApiOptions): Promise<FastifyInstance> {
  const https = tls === undefined ? null : { ...tls, minVersion: 'TLSv1.2' as const };
  const app = fastify({
    https,
    bodyLimit: 1024,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    ...Quiet,
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler);
  boundConnections(app);
  // JSON alone: what a form of another site can send is not read at all.
  app.removeContentTypeParser('text/plain');

  app.setErrorHandler((error: Error & { statusCode?: number; code: string }, _request, reply) => {
    const problem = requestProblem(error);
    if (problem.status >= 500) onDefect(error);
    return sendProblem(reply, problem);
  });

  app.addHook('onRequest', async (request, reply) => {
    // A name pointing at 127.0.0.1 is no way in; behind TLS the certificate's name stands in its way.
    if (tls === undefined && !isLoopbackHost(request.headers.host)) {
      throw requestError(421, `This page is not served as “${request.headers.host ?? ''}”.`);
    }
    if (!request.url.startsWith('/api/')) return mayOnlyRead(request.method);
    reply.header('cache-control', 'no-store');
    if (!isSameSite(request)) throw requestError(403, 'The request comes from a page of another site.');
    const call = request.url.startsWith('/api/calls/');
    if (call && request.method !== 'POST') throw notPossible(request.method);
    if (!call) mayOnlyRead(request.method);
  });

  await app.register(helmet, securityHeaders(tls !== undefined));
  await app.register(cookies);
  await app.register(rateLimit, {
    max: RequestsPerMinute,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { after }) => requestError(429, `Too many requests; again in ${after}.`),
  });
  await app.register(swagger, { openapi: document(signInCookie(tls !== undefined).name) });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request) => {
    throw requestError(404, `There is nothing at ${request.url.slice(0, 200)}.`);
  });

  const cookie = signInCookie(tls !== undefined);
  addReadingRoutes(app, engine, cookie);
  addCallRoutes(app, engine, cookie);
  addLiveRoute(app, engine, cookie);

  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
  for (const { path, mediaType, body } of readPage()) {
    app.get(path, { schema: { hide: true } }, (_request, reply) =>
      reply.type(mediaType).header('cache-control', 'no-cache').send(body),
    );
  }
  return app;
}

/** One source that opens connections without end leaves room for the others (62443-3-3 SR 7.1, SR 7.2). */
function boundConnections({ server }: FastifyInstance): void {
  const bounds = createSourceBounds(PageBounds);
  server.on('connection', (socket: Socket) => {
    const place = bounds.admit(socket.remoteAddress ?? '');
    if (place === undefined) socket.destroy();
    else socket.once('close', place.leave);
  });
}

function mayOnlyRead(method: string): void {
  if (method !== 'GET' && method !== 'HEAD') throw notPossible(method);
}

function notPossible(method: string): Error {
  return requestError(405, `${method} is not possible here.`);
}

/** A browser opens six connections, and several viewers may sit behind one address. Whoever they are is told by the cookie. */
const PageBounds = {
  perSource: 128,
  inAll: 512,
  strangersPerSource: Number.POSITIVE_INFINITY,
  strangers: Number.POSITIVE_INFINITY,
} as const;

/** Several viewers may sit behind one address; each page loads some 40 files and then listens. */
const RequestsPerMinute = 1_500;

/** pino is the process's, not the server's: a log line per request would tell who looked, and nothing else. */
const Quiet = { logger: false } as const;

function document(cookie: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Penstock gateway',
      description:
        'Sign in with POST /api/calls/sign-in; the answer sets the cookie and tells the token of x-csrf. ' +
        'Times are milliseconds since the Unix epoch. Errors are RFC 9457 problems.',
      version: GatewayRelease,
    },
    components: {
      securitySchemes: {
        signIn: { type: 'apiKey', in: 'cookie', name: cookie },
        pageToken: { type: 'apiKey', in: 'header', name: 'x-csrf' },
      },
    },
  } as const;
}

/** Nothing but our own files, no inline script, no frame, no form, and no markup made of text. */
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
        trustedTypes: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' as const },
    hsts: encrypted,
  };
}
