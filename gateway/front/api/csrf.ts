import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The token that a page sends back with every act. It is a keyed digest of the sign-in's own secret, so there is
 * nothing to keep: any front of this box can check it, also after a restart, and it ends with the sign-in. A page of
 * another site can neither read the secret (HttpOnly) nor the token (same-origin policy).
 * @param session secret of the sign-in, 128 bits or more
 */
export function csrfToken(session: string): string {
  return createHmac('sha256', session).update('penstock page token').digest('base64url');
}

/** Whether a token is the one of this sign-in. */
export function isCsrfToken(token: unknown, session: string): boolean {
  if (typeof token !== 'string') return false;
  const given = Buffer.from(token);
  const right = Buffer.from(csrfToken(session));
  return given.length === right.length && timingSafeEqual(given, right);
}
