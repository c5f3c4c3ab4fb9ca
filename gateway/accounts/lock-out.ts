import { isIPv6 } from 'node:net';
import type { Clock } from '../clock.ts';

/**
 * Slows down who guesses (62443-3-3 SR 1.11), without letting anybody lock others out. Three counts, all in memory:
 * of a name tried from one place, whether there is such an account or not; of a place; and of an account. The third
 * one only shuts places that the account was never signed in from, unless the guesser knew the password already.
 */
export interface LockOut {
  /** Counts one try. Milliseconds this place has to wait first; 0 lets it try. */
  readonly arrive: (place: string, name: string) => number;
  readonly failed: (place: string, name: string) => void;
  readonly succeeded: (place: string, name: string) => void;
  /** Counts a failure against an account that exists: whom to lock out now, if anybody. */
  readonly suspect: (account: string, wrong: 'password' | 'factor') => 'strangers' | 'everybody' | undefined;
  /** An administrator said so. */
  readonly forgive: (account: string) => void;
}

/** Failures of one name from one place that cost nothing but the wait for the next answer. */
export const FreeTries = 5;
/** The same of one place, whatever the names. */
export const FreeTriesOfPlace = 30;
/** Failures of an account within {@link MemoryTime} that lock it for strangers. */
export const MostFromStrangers = 50;
/** Wrong second factors after a right password that lock it for everybody. */
export const MostWrongFactors = 10;
/** First wait, which doubles with each further failure, and the longest. Milliseconds. */
export const FirstWait = 15_000;
export const LongestWait = 15 * 60_000;
/** How long a locked account rests. Milliseconds. */
export const LockOutTime = 15 * 60_000;
/** A failure is forgotten when this long none has followed. Milliseconds. */
export const MemoryTime = 60 * 60_000;
/** Tries of one place at once, and how many it regains a second, failures or not. */
export const Burst = 60;
export const TriesPerSecond = 1;

export function createLockOut({ monotonic }: Pick<Clock, 'monotonic'>): LockOut {
  const pairs = createTallies(monotonic);
  const places = createTallies(monotonic);
  const accounts = createTallies(monotonic);
  const buckets = new Map<string, { left: number; at: number }>();

  function takeFromBucket(place: string): number {
    const now = monotonic();
    const bucket = buckets.get(place) ?? { left: Burst, at: now };
    const left = Math.min(Burst, bucket.left + ((now - bucket.at) / 1000) * TriesPerSecond);
    const served = left >= 1;
    keep(buckets, place, { left: served ? left - 1 : left, at: now });
    return served ? 0 : ((1 - left) / TriesPerSecond) * 1000;
  }

  return {
    arrive: (place, name) => {
      const wait = Math.max(pairs.wait(`${place} ${name}`), places.wait(place));
      return wait > 0 ? wait : takeFromBucket(place);
    },
    failed: (place, name) => {
      pairs.count(`${place} ${name}`, FreeTries);
      places.count(place, FreeTriesOfPlace);
    },
    succeeded: (place, name) => pairs.forget(`${place} ${name}`),
    suspect: (account, wrong) => {
      const most = wrong === 'factor' ? MostWrongFactors : MostFromStrangers;
      const key = `${wrong} ${account}`;
      if (accounts.count(key, most) < most) return undefined;
      accounts.forget(key);
      return wrong === 'factor' ? 'everybody' : 'strangers';
    },
    forgive: (account) => {
      accounts.forget(`password ${account}`);
      accounts.forget(`factor ${account}`);
      pairs.forgetName(account);
    },
  };
}

/** Where a call came from, as it is counted: an IPv4 address, or the 64 bits of IPv6 that one subscriber has. */
export function placeOf(source: string): string {
  const plain = source.startsWith('::ffff:') ? source.slice('::ffff:'.length) : source;
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  while (tail !== undefined && groups.length + rest < 8) groups.push('0');
  const first = [...groups, ...(tail ?? '').split(':')].slice(0, 4);
  return `${first.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

interface Tallies {
  readonly wait: (key: string) => number;
  /** One failure more: how many there are now. */
  readonly count: (key: string, free: number) => number;
  readonly forget: (key: string) => void;
  readonly forgetName: (name: string) => void;
}

function createTallies(monotonic: () => number): Tallies {
  const tallies = new Map<string, { failures: number; last: number; until: number }>();
  return {
    wait: (key) => Math.max(0, (tallies.get(key)?.until ?? 0) - monotonic()),
    count: (key, free) => {
      const now = monotonic();
      const former = tallies.get(key);
      const failures = former === undefined || now - former.last > MemoryTime ? 1 : former.failures + 1;
      const wait =
        failures < free ? 0 : Math.min(LongestWait, FirstWait * 2 ** Math.min(failures - free, 16));
      keep(tallies, key, { failures, last: now, until: now + wait });
      return failures;
    },
    forget: (key) => void tallies.delete(key),
    forgetName: (name) => {
      for (const key of tallies.keys()) if (key.endsWith(` ${name}`)) tallies.delete(key);
    },
  };
}

/** Keeps the newest of them: whoever comes from many places must not fill the memory (62443-3-3 SR 7.1). */
function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size > MostKept) map.delete(oldest);
}

const MostKept = 4096;
