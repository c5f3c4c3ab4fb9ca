import type { FastifyInstance } from 'fastify';
import type { EngineAsker } from '../engine-asker.ts';
import { Problem, requestError } from '../problem.ts';
import { peerOf } from './call-routes.ts';
import { knownCaller } from './known-caller.ts';
import { createLiveHub } from './live-hub.ts';
import type { SignInCookie } from './sign-in-cookie.ts';

/** `GET /api/live`: server-sent events for as long as the sign-in stands. */
export function addLiveRoute(app: FastifyInstance, engine: EngineAsker, cookie: SignInCookie): void {
  const hub = createLiveHub(engine);
  app.addHook('preClose', async () => hub.close());
  const schema = {
    summary: 'Server-sent events: what changes, each topic a body of this API, and a beat each second',
    security: [{ signIn: [] }],
    produces: ['text/event-stream'],
    response: { '4xx': Problem, '5xx': Problem },
  };
  app.get('/api/live', { schema }, async (request, reply) => {
    const caller = await knownCaller(request, reply, engine, cookie);
    if (caller === undefined) return reply;
    const stream = hub.watch({ session: caller.session, source: peerOf(request) });
    if (stream === undefined) throw requestError(429, 'Too many pages are open.');
    return reply.type('text/event-stream').send(stream);
  });
}
