// For what it adds to requests and replies.
import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The cookie that holds the secret of a sign-in, out of reach of scripts (RFC 6265bis §4.1.3.2 for the prefix). */
export interface SignInCookie {
  readonly name: string;
  /** The secret, or empty where there is none or it is not of the form of one. */
  readonly read: (request: FastifyRequest) => string;
  readonly set: (reply: FastifyReply, session: string) => void;
  readonly clear: (reply: FastifyReply) => void;
}

/** @param secure false on loopback over HTTP only, where browsers take no `__Host-` cookie from every address */
export function signInCookie(secure: boolean): SignInCookie {
  const name = secure ? '__Host-penstock' : 'penstock';
  const attributes = { path: '/', httpOnly: true, secure, sameSite: 'strict' } as const;
  return {
    name,
    read: ({ cookies }) => {
      const value = cookies[name] ?? '';
      return Secret.test(value) ? value : '';
    },
    set: (reply, session) => void reply.setCookie(name, session, attributes),
    clear: (reply) => void reply.clearCookie(name, attributes),
  };
}

const Secret = /^[A-Za-z0-9_-]{16,128}$/;
