import { createHash } from 'node:crypto';

/** What a client was told: every answer of the first round in words, and a digest of all answers. */
export interface Transcript {
  readonly say: (line: string) => void;
  /** Called after the first round; what follows only counts towards the digest. */
  readonly hush: () => void;
  readonly end: () => void;
}

/** Writes to standard output; two runs got the same exactly when they print the same. */
export function createTranscript(): Transcript {
  const digest = createHash('sha256');
  let printing = true;
  let requests = 0;
  return {
    say: (line) => {
      requests += 1;
      digest.update(`${line}\n`);
      if (printing) console.log(line);
    },
    hush: () => {
      printing = false;
    },
    end: () => console.log(`requests ${requests} digest ${digest.digest('hex').slice(0, 16)}`),
  };
}

/** Numbers that are the same in every run: `draw(n)` is 0 to n - 1 (xorshift32). */
export function createDraw(seed: number): (limit: number) => number {
  let state = (seed + 1) * 0x9e3779b1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
