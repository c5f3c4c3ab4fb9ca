import type { Leg } from './leg.ts';
import { type SegmentShare, shareOf } from './segment-share.ts';

/** Leads to the server what chunks of the client's ask for: in as few segments as it came in, and timed. */
export class Asking {
  readonly #server: Leg;
  readonly #share: SegmentShare | undefined;
  readonly #now: () => number;
  readonly #forwarded: (milliseconds: number) => void;
  /** Whether a chunk is looked at now, and when the last one came. */
  #isChunk = false;
  #since = 0;
  /** Requests of that chunk that are yet to be handed to the kernel, and of these those that are yet to be flushed. */
  #unsent = 0;
  #added = 0;

  /** `now` is monotonic, milliseconds; `forwarded` is told of each request of a chunk how long it was here. */
  constructor(client: Leg, server: Leg, now: () => number, forwarded: (milliseconds: number) => void) {
    this.#server = server;
    this.#share = shareOf(client, server);
    this.#now = now;
    this.#forwarded = forwarded;
  }

  /** A chunk has come at this time. */
  begin(at: number): void {
    this.#since = at;
    this.#isChunk = true;
  }

  /** All of the chunk has been dealt with. */
  end(): void {
    this.#isChunk = false;
    this.flush();
  }

  /** An ADU of the client's was dealt with. Of one that had to wait it is forgotten in which segment it came. */
  adu(): void {
    if (this.#isChunk) this.#share?.adu();
  }

  /** Lent bytes `[0, length)` of a request. */
  request(bytes: Uint8Array, length: number): void {
    this.#server.add(bytes, length);
    if (!this.#isChunk) return this.#server.flush(1);
    this.#unsent += 1;
    this.#added += 1;
    if (this.#share === undefined) this.flush();
  }

  /** Sends what was asked so far. */
  flush(): void {
    if (this.#added === 0) return;
    const pieces = this.#share?.pieces(this.#added) ?? 1;
    this.#added = 0;
    this.#server.flush(pieces);
  }

  /** What was flushed has been handed to the kernel. */
  sent(): void {
    if (this.#unsent === 0) return;
    const took = this.#now() - this.#since;
    for (; this.#unsent > 0; this.#unsent -= 1) this.#forwarded(took);
  }
}
