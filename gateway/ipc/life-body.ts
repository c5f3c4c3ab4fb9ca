import { type Static, Type } from 'typebox';
import { record } from './reports.ts';

/** A key of the box that can be changed while it runs. */
export const RotatedKey = Type.Enum(['evidence', 'authority', 'page', 'ssh', 'recordings']);
export type RotatedKey = Static<typeof RotatedKey>;

/** What is asked about the box itself, its copies and its keys; see gateway/engine/life.ts. */
export const LifeAct = Type.Union([
  /** It is about to be copied. */
  record({ what: Type.Literal('back-up'), keys: Type.Boolean(), evidence: Type.Boolean() }),
  record({
    what: Type.Literal('rotate'),
    key: RotatedKey,
    /** One line. */
    why: Type.String({
      pattern: '^[^\\x00-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069]{0,1000}$',
    }),
  }),
  /** The trusted keys of gateway.yaml, or those of releases beside it, are others than before. */
  record({ what: Type.Literal('trust') }),
]);
export type LifeAct = Static<typeof LifeAct>;

/** Fingerprints: of the key that was, and of the one that is. */
export const RotatedBody = record({ former: Type.String(), now: Type.String() });
export type RotatedBody = Static<typeof RotatedBody>;

/** The keys that came or went. */
export const TrustBody = record({
  changed: Type.Array(
    record({
      /** `releases`, or empty for a key that signs policies. */
      use: Type.String(),
      id: Type.String(),
      name: Type.String(),
      trusted: Type.Boolean(),
    }),
  ),
});
export type TrustBody = Static<typeof TrustBody>;
