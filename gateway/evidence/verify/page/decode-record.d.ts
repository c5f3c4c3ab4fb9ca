import type { Decode } from '../verify-session.ts';
/** Reads the kinds of records that a session's evidence holds, as `rules/record/codec.ts` does for all. */
export declare const decodeRecord: Decode;
