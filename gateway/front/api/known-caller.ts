import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AccessRefusalCode, refuse } from '../../access/refusals.ts';
import type { MeBody } from '../../ipc/account-body.ts';
import type { EngineAsker } from '../engine-asker.ts';
import { refusalProblem, sendProblem } from '../problem.ts';
import { peerOf } from './call-routes.ts';
import type { SignInCookie } from './sign-in-cookie.ts';

/** Who sent a request, as the engine says; a page asking by itself keeps no sign-in alive. */
export type KnownCaller = { readonly session: string; readonly me: MeBody };

/** Asks the engine who sends a request. Answers it with the reason and gives undefined where that is nobody. */
export async function knownCaller(
  request: FastifyRequest,
  reply: FastifyReply,
  engine: EngineAsker,
  cookie: SignInCookie,
): Promise<KnownCaller | undefined> {
  const session = cookie.read(request);
  if (session === '') return refused('PST_NOT_SIGNED_IN');
  const answer = await engine.call('me', {}, { session, source: peerOf(request), attended: false });
  if (answer.ok) return { session, me: answer.body };
  if (answer.problem.code === 'PST_NOT_SIGNED_IN') cookie.clear(reply);
  sendProblem(reply, refusalProblem(answer.problem));
  return undefined;

  function refused(code: AccessRefusalCode): undefined {
    sendProblem(reply, refusalProblem(refuse(code).refusal));
  }
}

/**
 * Why somebody who is signed in may not look at the plant now, or undefined. A vendor is shown what is theirs and
 * never the plant (62443-3-3 SR 2.1).
 */
export function obstacleToLooking({ locked, mustEnrol, account }: MeBody): AccessRefusalCode | undefined {
  if (locked) return 'PST_SCREEN_LOCKED';
  if (mustEnrol) return 'PST_ENROL_FIRST';
  return account.roles.some((role) => role !== 'vendor') ? undefined : 'PST_NOT_PERMITTED';
}
