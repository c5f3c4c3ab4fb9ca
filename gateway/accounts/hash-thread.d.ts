import type { Derive, ScryptCost } from './password-hash.ts';
/** What the thread is told. */
export interface HashWish {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly bytes: number;
  readonly cost: ScryptCost;
}
/** What it says. */
export type HashAnswer =
  | {
      readonly hash: Uint8Array;
    }
  | {
      readonly problem: string;
    };
/** A thread for password hashes with less weight than the rest: who floods log-ins gets what the plant leaves. */
export interface HashThread {
  /** One at a time. */
  readonly derive: Derive;
  readonly close: () => Promise<void>;
}
/** The thread is started when it is wanted, and again should it ever end. */
export declare function createHashThread(): HashThread;
