import type { ModeState } from '../../rules/admission/mode.ts';
import type { RecoveryStep } from '../../rules/admission/recovery.ts';
import type { KeptMode } from './mode-file.ts';
import type { Pace } from './mode-pace.ts';
import type { ModeOutcome } from './mode-switch.ts';

/** What a person asks for. */
export interface ModeWish {
  readonly mode: string;
  readonly by: string;
  readonly why: string;
  readonly pace: Pace;
}

/** How it is. */
export interface ModeReport {
  readonly kept: KeptMode;
  /** In which order the mode is left, under the policy in force. */
  readonly steps: readonly RecoveryStep[];
  readonly recovery: RecoveryReport | undefined;
  /** Nobody knows which mode should hold: the file cannot be read, or the policy does not have it. */
  readonly guessed: boolean;
  /** What kernel and disk still have to be told; sentences. */
  readonly unfinished: readonly string[];
}

export interface RecoveryReport {
  /** How many of the steps are done. */
  readonly done: number;
  /** Wall clock of the next step; undefined when it waits for a person. */
  readonly nextAt: number | undefined;
  /** Why it does not go on by itself as it was told to, or empty. */
  readonly held: string;
}

/** A change that was carried out, for whoever rehearses. */
export interface CarriedChange {
  /** Wall clock of the decision. */
  readonly at: number;
  readonly from: ModeState;
  readonly to: ModeState;
  readonly by: string;
  /** Of recovery, counted from 1; undefined for a switch. */
  readonly step: { readonly number: number; readonly of: number; readonly conduit: string } | undefined;
  /** Ids of the flows that are cut from now on, or opened again. */
  readonly flows: readonly string[];
  readonly outcome: ModeOutcome;
}
