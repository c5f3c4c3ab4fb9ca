import type { Leg } from './leg.ts';

/** How many requests may leave in one segment, for one connection. */
export interface SegmentShare {
  /** An ADU of the client's was dealt with, in the call that brought it: in which segments others came is forgotten. */
  readonly adu: () => void;
  /** For this many requests of one chunk: how many of them each segment may hold. */
  readonly pieces: (requests: number) => number;
}

/**
 * Some servers read one ADU of each segment and drop the rest. No segment of ours holds more of them than one of the
 * client's did, so that a client that waits for answers, or sends each by itself, is served as it would be directly;
 * one that pipelines is not slowed down by a segment for each. The mean over all segments they can have come in is what
 * at least one of them held.
 * @param segments how many came, at least, since all before had been read; 0 where that is not known
 */
export function createSegmentShare(segments: () => number): SegmentShare {
  let adus = 0;
  return {
    adu: () => {
      adus += 1;
    },
    pieces: (requests) => {
      // Asking costs a system call; a request alone needs no answer.
      if (requests < 2) return 1;
      const count = segments();
      const share = count === 0 ? 1 : Math.max(1, Math.ceil(adus / count));
      adus = 0;
      return share;
    },
  };
}

/** Undefined where segments cannot be counted on both sides: each request is sent by itself then. */
export function shareOf(client: Leg, server: Leg): SegmentShare | undefined {
  if (client.segments === undefined || server.segments === undefined) return undefined;
  return createSegmentShare(() => client.segments?.() ?? 0);
}
