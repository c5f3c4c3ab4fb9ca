import { connect } from 'node:net';
import type { Peer } from '../../ipc/reports.ts';
import { connected } from '../carrier.ts';
import type { Leg } from '../leg.ts';
import { createStreamLeg } from '../stream-leg.ts';

/** How the box itself reaches a vendor's target. */
export type Dialler = (server: Peer, signal: AbortSignal) => Promise<Leg>;

/** Without privileges, as any process connects. */
export const plainDialler: Dialler = async ({ address, port }, signal) =>
  createStreamLeg(await connected(connect({ host: address, port, allowHalfOpen: true }), signal));

/**
 * As the ruleset of the kernel back end knows it. The foreign functions are loaded when first needed: the proxy back
 * end does without, also on a box that has none.
 */
export const markedDialler: Dialler = async (server, signal) => {
  const [{ openMarked }, { streamPath }] = await Promise.all([
    import('../../ffi/socket.ts'),
    import('../stream-path.ts'),
  ]);
  return streamPath.connect(openMarked(), server, signal);
};
