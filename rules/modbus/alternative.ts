import type { AddressRange, FileRange, ValueType } from '../policy.ts';

/**
 * What would have been permitted instead of a refused request, changing as little of it as can be: one
 * step in the direction of the permission that came closest. The changed request is judged anew, so there
 * may be a next step. Addresses are 0-based, durations milliseconds.
 */
export type Alternative =
  /** Functions that some permission has for this unit, ascending; none where the unit has none. */
  | { readonly kind: 'functions'; readonly functionCodes: readonly number[] }
  /** Units that some permission has for this function, ascending. */
  | { readonly kind: 'units'; readonly units: readonly number[] }
  /** Sub-functions or MEI types permitted for this function and unit, ascending. */
  | { readonly kind: 'sub-functions'; readonly subFunctions: readonly number[] }
  /** The permitted range closest to what was asked. `half` is which half of function code 23 is meant. */
  | { readonly kind: 'addresses'; readonly half: 'read' | 'write'; readonly range: AddressRange }
  | { readonly kind: 'records'; readonly range: FileRange }
  | { readonly kind: 'quantity'; readonly max: number }
  /** Bytes of the whole ADU; 0 where no permission names a size. */
  | { readonly kind: 'bytes'; readonly max: number }
  /** Write whole values: `width` registers each, counted from `first`. */
  | {
      readonly kind: 'whole-values';
      readonly first: number;
      readonly last: number;
      readonly width: 1 | 2 | 4;
    }
  /** What the value that begins at `address` may be; of several rules, the first it broke. */
  | {
      readonly kind: 'value';
      readonly address: number;
      readonly type: ValueType;
      readonly bits: { readonly first: number; readonly last: number } | undefined;
      readonly min: number | undefined;
      readonly max: number | undefined;
      /** Empty means any value between min and max. */
      readonly allowed: readonly number[];
    }
  /** How far the value that begins at `address` may be from `last`, the last known one, at this moment. */
  | { readonly kind: 'step'; readonly address: number; readonly last: number; readonly max: number }
  /** The same request may pass after so long, if nothing else is written meanwhile. */
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** Read this first: what the write is judged against is not known, or too old. */
  | {
      readonly kind: 'read-first';
      readonly functionCode: number;
      readonly unit: number;
      readonly address: number;
      readonly quantity: number;
    }
  /** Only while this reads `is`; it last read `reads`, `undefined` where that is not known. */
  | {
      readonly kind: 'interlock';
      readonly functionCode: number;
      readonly unit: number;
      readonly address: number;
      readonly is: number;
      readonly reads: number | undefined;
    }
  /** The coil is this bit of this register; `next` is what the mask write on it would have needed. */
  | {
      readonly kind: 'register';
      readonly register: number;
      readonly bit: number;
      readonly next: Alternative | undefined;
    };
