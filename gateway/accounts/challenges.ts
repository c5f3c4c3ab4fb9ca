import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';

/**
 * Challenges for passkeys that are good once, for five minutes, and for whom they were made. None is kept until it is
 * used, so that asking for many costs nothing but the asking.
 */
export interface Challenges {
  /** @param subject who may answer it: a sign-in, or a place nobody has signed in from yet */
  readonly issue: (subject: string) => Uint8Array;
  /** Whether it is one of ours, for this subject, in time, and not used before. */
  readonly isOpen: (challenge: Uint8Array, subject: string) => boolean;
  /** To be called once the answer to it has been found right. */
  readonly use: (challenge: Uint8Array) => void;
}

/** Milliseconds to answer a challenge in. */
export const ChallengeTime = 5 * 60_000;

export function createChallenges({ monotonic }: Pick<Clock, 'monotonic'>): Challenges {
  const key = randomBytes(32);
  const used = new Map<string, number>();

  function seal(head: Uint8Array, subject: string): Buffer {
    return createHmac('sha256', key).update(head).update(subject).digest();
  }

  function endOf(challenge: Uint8Array): number {
    return Buffer.from(challenge.subarray(NonceBytes, HeadBytes)).readUIntBE(0, TimeBytes);
  }

  return {
    issue: (subject) => {
      const head = Buffer.alloc(HeadBytes);
      randomBytes(NonceBytes).copy(head);
      head.writeUIntBE(Math.floor(monotonic() + ChallengeTime), NonceBytes, TimeBytes);
      return Buffer.concat([head, seal(head, subject)]);
    },
    isOpen: (challenge, subject) => {
      if (challenge.length !== HeadBytes + SealBytes) return false;
      const head = challenge.subarray(0, HeadBytes);
      if (!timingSafeEqual(challenge.subarray(HeadBytes), seal(head, subject))) return false;
      return monotonic() < endOf(challenge) && !used.has(nameOf(challenge));
    },
    use: (challenge) => {
      for (const [one, end] of used) if (end < monotonic()) used.delete(one);
      used.set(nameOf(challenge), endOf(challenge));
    },
  };
}

function nameOf(challenge: Uint8Array): string {
  return Buffer.from(challenge.subarray(0, NonceBytes)).toString('hex');
}

const NonceBytes = 16;
const TimeBytes = 6;
const HeadBytes = NonceBytes + TimeBytes;
const SealBytes = 32;
