import { randomBytes, timingSafeEqual } from 'node:crypto';
import { normalPassword } from './passwords.ts';

/** Cost of scrypt (RFC 7914): memory is 128·N·r bytes, work grows with p. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/**
 * 32 MiB for the one hash that is under way, of the OWASP Password Storage recommendations the one that fits a box
 * whose processes share 300 MB.
 */
export const BoxCost: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };

/** Hashes that may wait in either lane. */
export const LongestLane = 8;

/** Milliseconds a hash may wait: who asked is told to come again before the front gives up on the answer. */
export const LongestWait = 8_000;

/** Computes scrypt somewhere else than on the engine's own loop; rejects for a cost that is none. */
export type Derive = (
  password: string,
  salt: Uint8Array,
  bytes: number,
  cost: ScryptCost,
) => Promise<Uint8Array>;

/**
 * Hashes passwords, one at a time and with a bounded line, so that a flood of log-ins costs a share of one core and no
 * memory (62443-3-3 SR 7.1). Who comes from a place they have signed in from before has a line of their own, which is
 * served first: strangers cannot fill it.
 */
export interface PasswordHasher {
  /** `scrypt$N$r$p$salt$hash`; undefined when the line is full. */
  readonly hash: (password: string) => Promise<string | undefined>;
  /**
   * Whether it is the password. With no stored hash it does the same work and says no, so that nobody learns from the
   * time it takes which names there are. Undefined when the line is full.
   */
  readonly verify: (password: string, stored: string, familiar: boolean) => Promise<boolean | undefined>;
  readonly waiting: () => number;
}

export function createPasswordHasher(cost: ScryptCost, compute: Derive): PasswordHasher {
  const lanes = { familiar: [] as Waiting[], strange: [] as Waiting[] };
  let busy = false;

  function turn(lane: Waiting[]): Promise<boolean> {
    if (!busy) {
      busy = true;
      return Promise.resolve(true);
    }
    if (lane.length >= LongestLane) return Promise.resolve(false);
    return new Promise((resolve) => lane.push({ since: performance.now(), go: resolve }));
  }

  function next(): void {
    for (;;) {
      const waiting = lanes.familiar.shift() ?? lanes.strange.shift();
      busy = waiting !== undefined;
      if (waiting === undefined) return;
      const inTime = performance.now() - waiting.since < LongestWait;
      waiting.go(inTime);
      if (inTime) return;
    }
  }

  async function inTurn<T>(familiar: boolean, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await turn(familiar ? lanes.familiar : lanes.strange))) return undefined;
    return work().finally(next);
  }

  function derive(password: string, salt: Uint8Array, spent: ScryptCost): Promise<Uint8Array> {
    return compute(normalPassword(password), salt, HashBytes, spent);
  }

  const nobody: Stored = { cost, salt: randomBytes(SaltBytes), hash: randomBytes(HashBytes) };

  return {
    hash: (password) =>
      inTurn(true, async () => {
        const salt = randomBytes(SaltBytes);
        const hash = await derive(password, salt, cost);
        return ['scrypt', cost.N, cost.r, cost.p, encode(salt), encode(hash)].join('$');
      }),
    verify: (password, stored, familiar) =>
      inTurn(familiar, async () => {
        const known = readStored(stored);
        const { salt, hash, cost: spent } = known ?? nobody;
        const given = await derive(password, salt, spent);
        return timingSafeEqual(given, hash) && known !== undefined;
      }),
    waiting: () => lanes.familiar.length + lanes.strange.length + (busy ? 1 : 0),
  };
}

interface Waiting {
  readonly since: number;
  readonly go: (hash: boolean) => void;
}

interface Stored {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

function readStored(text: string): Stored | undefined {
  const [kind, N, r, p, salt = '', hash = ''] = text.split('$');
  const read = {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  };
  return kind === 'scrypt' && read.hash.length === HashBytes ? read : undefined;
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

const SaltBytes = 16;
const HashBytes = 32;
