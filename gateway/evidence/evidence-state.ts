import type { TreeHead } from '../../rules/evidence/checkpoint.ts';

/** A head of the log's tree, signed by the box. */
export interface Checkpoint extends TreeHead {
  /** The signed note, C2SP tlog-checkpoint. */
  readonly note: string;
  /** When it was made, milliseconds since the Unix epoch. */
  readonly at: number;
}

/** What can be said of the log as evidence. */
export interface EvidenceState {
  /** Which history of the log this is; another one begins where the former can no longer be proved. */
  readonly origin: string;
  /** Records of this origin. */
  readonly size: number;
  /** Records of it that the newest checkpoint covers; for what follows there is only the box's word. */
  readonly signedSize: number;
  /** Records of it that somebody else has cosigned. */
  readonly witnessedSize: number;
  readonly witnesses: readonly WitnessState[];
  /** The newest checkpoint; empty where there is none yet. */
  readonly checkpoint: string;
  readonly checkpointAt: number;
  /** The log's key as text, C2SP signed-note; empty until it is known. */
  readonly publicKey: string;
  /** Why nobody from outside may be let in, or empty (62443-3-3 SR 2.10). */
  readonly broken: string;
  readonly bytes: number;
  readonly maxBytes: number;
  /** How much of the budget is taken by what is never given up for room. */
  readonly percent: number;
}

/** What a trusted witness has cosigned last; size 0 where it has cosigned nothing of this origin. */
export interface WitnessState {
  readonly name: string;
  readonly size: number;
  /** By the witness's clock, milliseconds since the Unix epoch. */
  readonly at: number;
}

/**
 * What became of a checkpoint brought back from a witness. `ahead`: the witness has seen more of this log than
 * the log holds, so that it was cut or a backup was restored; it now goes on under a new origin.
 */
export type WitnessOutcome =
  | { readonly ok: true; readonly witness: string; readonly size: number }
  | {
      readonly ok: false;
      readonly problem: 'unreadable' | 'not-signed' | 'no-trusted-witness' | 'other-history' | 'ahead';
    };

/** Public keys as text, C2SP signed-note. */
export interface KeyTexts {
  readonly former: string;
  readonly now: string;
}

/** Somebody who waits for what the writer of the log is to do next. */
export interface Wanted<T> {
  readonly resolve: (got: T) => void;
  readonly reject: (error: unknown) => void;
}

/** How the writing goes. */
export interface EvidenceStats {
  readonly segment: number;
  /** Records the log has ever held; also the sequence number of the next. */
  readonly records: number;
  readonly bytes: number;
  /** Age of the oldest record that is not yet in a file. */
  readonly lagMs: number;
  /** Records that could not be written since the start. */
  readonly lost: number;
  /** What is wrong, or empty. */
  readonly failing: string;
}
