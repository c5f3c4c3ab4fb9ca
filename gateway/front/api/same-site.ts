import type { FastifyRequest } from 'fastify';

/**
 * Whether a request can come from a page of our own, or from no page at all. Browsers tell (Fetch Metadata, Origin),
 * and a page of another site cannot make them lie; programs that are no browsers send neither.
 */
export function isSameSite({ headers, protocol, host, method }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  const direct = site === undefined || site === 'same-origin' || (site === 'none' && method !== 'POST');
  const { origin } = headers;
  return direct && (origin === undefined || origin === `${protocol}://${host}`);
}
