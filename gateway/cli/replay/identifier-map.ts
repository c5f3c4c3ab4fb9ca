/**
 * Which identifier of ours an answer in a capture belongs to. The server in the capture answered the client's
 * identifiers; the inspection gives each request one of its own, and knows answers by that alone.
 */
export interface IdentifierMap {
  /** A request went on under an identifier of ours. */
  sent(clientId: number, upstreamId: number, at: number): void;
  /**
   * Ours for the next answer under the client's identifier: the oldest request that waits, or the last one
   * answered, since a second answer to it must be known as one. `undefined` where none was ever asked.
   */
  answered(clientId: number, at: number): number | undefined;
  /** Requests that wait for an answer. */
  readonly open: number;
}

/** `patience`: milliseconds after which a request is not waited for when a younger one has its identifier. */
export function createIdentifierMap(patience: number): IdentifierMap {
  const waiting = new Map<number, Sent[]>();
  const last = new Map<number, number>();
  let open = 0;

  return {
    sent(clientId, upstreamId, at) {
      const sent = waiting.get(clientId) ?? [];
      // Clients that use one identifier for ever give up a request before they ask the next.
      while (sent[0] !== undefined && (at - sent[0].at >= patience || sent.length >= MostAlike)) {
        sent.shift();
        open--;
      }
      sent.push({ upstreamId, at });
      waiting.set(clientId, sent);
      open++;
    },
    answered(clientId, at) {
      const sent = waiting.get(clientId) ?? [];
      while (sent.length > 1 && sent[0] !== undefined && at - sent[0].at >= patience) {
        sent.shift();
        open--;
      }
      const next = sent.shift();
      if (next === undefined) return last.get(clientId);
      open--;
      if (sent.length === 0) waiting.delete(clientId);
      last.set(clientId, next.upstreamId);
      return next.upstreamId;
    },
    get open() {
      return open;
    },
  };
}

interface Sent {
  readonly upstreamId: number;
  readonly at: number;
}

/** More requests than this under one identifier wait for no answers any more. */
const MostAlike = 512;
