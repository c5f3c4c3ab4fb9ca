import { connect } from 'node:net';
import type { Peer } from '../../ipc/reports.ts';
import { connected } from '../carrier.ts';
import type { Leg } from '../connection.ts';

/** How the box itself reaches a vendor's target. */
export interface Dialler {
  readonly dial: (server: Peer, signal: AbortSignal) => Promise<Leg>;
  /** Sends FIN. */
  readonly finish: (leg: Leg) => void;
}

/** Without privileges, as any process connects. */
export const plainDialler: Dialler = {
  dial: ({ address, port }, signal) =>
    connected(connect({ host: address, port, allowHalfOpen: true }), signal),
  finish: (leg) => leg.end(),
};

/**
 * As the ruleset of the kernel back end knows it. The foreign functions are loaded when first needed: the proxy back
 * end does without, also on a box that has none.
 */
export const markedDialler: Dialler = {
  dial: async (server, signal) => {
    const { dialAsBox, finish } = await import('../transparent-carrier.ts');
    finishMarked = finish;
    return dialAsBox(server, signal);
  },
  finish: (leg) => finishMarked(leg),
};

let finishMarked: (leg: Leg) => void = (leg) => void leg.end();
