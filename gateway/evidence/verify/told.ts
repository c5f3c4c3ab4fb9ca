import type { Act } from '../../../rules/record/record.ts';

/** What must be in the recordings of a grant. */
export interface RecordingClaim {
  readonly erased: boolean;
  readonly chunks: readonly ChunkClaim[];
}

export interface ChunkClaim {
  readonly sequence: number;
  readonly channel: string;
  readonly index: number;
  readonly digest: Uint8Array;
}

/** What a record says, and where it stands. */
export interface Where {
  readonly sequence: number;
  /** Milliseconds since the Unix epoch, by the box's wall clock. */
  readonly at: number;
}

/** An act of one kind. */
export type ActOf<K extends Act['kind']> = Extract<Act, { readonly kind: K }>;

/** `3.2 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
