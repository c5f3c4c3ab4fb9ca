import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Means } from '../ipc/account-body.ts';
import { ChallengeTime } from './challenges.ts';

/** One person signed in at one place. Monotonic milliseconds unless stated. */
export interface SignIn {
  /** Public name, as it stands in evidence. */
  readonly id: string;
  readonly account: string;
  readonly source: string;
  /** How the account was signed in to; `recovery` also once a code of those has stood for a factor in it. */
  means: Means;
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  readonly startedAt: number;
  lastCall: number;
  factorAt: number | undefined;
  locked: boolean;
  /** Held by a carrier for a vendor's connections: there is no screen to lock, and no page to be idle. */
  carried: boolean;
  /** Wrong passwords and factors since it began. */
  failures: number;
  /** Secret of a TOTP factor that is being added, base 32, or empty. */
  newTotp: string;
  /** Challenge of a passkey that is being added, base64url, or empty. */
  newPasskey: string;
  /** Challenges of acts it was asked to sign, base64url, and until when. */
  readonly challenges: Map<string, number>;
}

/** Milliseconds without a call of the person after which it is locked (62443-3-3 SR 2.5). */
export const LockTime = 15 * 60_000;
/** … and after which it ends (SR 2.6). */
export const IdleTime = 60 * 60_000;
/** It ends after this long in any case: one shift. */
export const LongestTime = 12 * 3_600_000;
/** At the same time for one account (SR 2.7); one more ends the oldest. */
export const MostOfOne = 5;
/** At the same time on the box. */
export const MostOfAll = 512;
/** Wrong passwords or factors after which it ends. */
export const MostFailures = 5;

/**
 * Who is signed in. Only digests of the secrets are kept, in memory: a restart of the engine ends every sign-in, and
 * one that ended cannot be used again (62443-3-3 SR 3.8 RE1 to RE3).
 */
export interface SignIns {
  readonly open: (of: Pick<SignIn, 'id' | 'account' | 'source' | 'means' | 'factorAt'>) => string;
  /** The live one with this secret. What a page asks by itself is not `attended` and keeps nothing alive. */
  readonly use: (secret: string, how: 'attended' | 'unattended' | 'carrier') => SignIn | undefined;
  readonly find: (id: string) => SignIn | undefined;
  readonly of: (account: string) => readonly SignIn[];
  readonly all: () => readonly SignIn[];
  readonly end: (signIn: SignIn, why: string) => void;
  /** Ends all of an account but one that may stay. */
  readonly endAll: (account: string, why: string, but?: SignIn) => void;
  /** Ends what is over; to be called every second or so. */
  readonly sweep: () => void;
  /** Lets a sign-in answer this challenge once, within {@link ChallengeTime}. */
  readonly challenge: (signIn: SignIn, challenge: Uint8Array) => void;
}

/** @param onEnd told of each that ended */
export function createSignIns(clock: Clock, onEnd: (signIn: SignIn, why: string) => void): SignIns {
  const bySecret = new Map<string, SignIn>();

  const all = (): readonly SignIn[] => [...bySecret.values()];
  const of = (account: string) => all().filter((one) => one.account === account);

  function end(signIn: SignIn, why: string): void {
    for (const [digest, one] of bySecret) {
      if (one !== signIn) continue;
      bySecret.delete(digest);
      onEnd(signIn, why);
    }
  }

  /** Locks it or ends it when its time has come; whether it lives on. */
  function age(signIn: SignIn): boolean {
    const now = clock.monotonic();
    if (now - signIn.startedAt >= LongestTime) end(signIn, 'its time was over');
    else if (!signIn.carried && now - signIn.lastCall >= IdleTime) end(signIn, 'nothing was done in it');
    else {
      if (!signIn.carried && now - signIn.lastCall >= LockTime) signIn.locked = true;
      return true;
    }
    return false;
  }

  function makeRoom(account: string): void {
    const own = of(account);
    const [oldest] = own;
    if (oldest !== undefined && own.length >= MostOfOne) end(oldest, 'signed in at too many places');
    const [first] = bySecret.values();
    if (first !== undefined && bySecret.size >= MostOfAll) end(first, 'too many are signed in');
  }

  return {
    open: (given) => {
      makeRoom(given.account);
      const secret = randomBytes(32).toString('base64url');
      const now = clock.monotonic();
      bySecret.set(digestOf(secret), {
        ...given,
        since: clock.wall(),
        startedAt: now,
        lastCall: now,
        locked: false,
        carried: false,
        failures: 0,
        newTotp: '',
        newPasskey: '',
        challenges: new Map(),
      });
      return secret;
    },
    use: (secret, how) => {
      const signIn = secret === '' ? undefined : bySecret.get(digestOf(secret));
      if (signIn === undefined || !age(signIn)) return undefined;
      if (how === 'carrier') signIn.carried = true;
      if (how !== 'unattended' && !signIn.locked) signIn.lastCall = clock.monotonic();
      return signIn;
    },
    find: (id) => all().find((one) => one.id === id),
    of,
    all,
    end,
    endAll: (account, why, but) => {
      for (const one of of(account)) if (one !== but) end(one, why);
    },
    sweep: () => {
      for (const one of all()) age(one);
    },
    challenge: (signIn, challenge) => {
      const { challenges } = signIn;
      const [oldest] = challenges.keys();
      if (oldest !== undefined && challenges.size >= MostChallenges) challenges.delete(oldest);
      const text = Buffer.from(challenge).toString('base64url');
      challenges.set(text, clock.monotonic() + ChallengeTime);
    },
  };
}

/** A public name for a sign-in. */
export function newSignInId(): string {
  return `S-${randomBytes(8).toString('hex').toUpperCase()}`;
}

/** A digest is looked up, so that the time it takes tells nothing of a secret. */
function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}

const MostChallenges = 8;
