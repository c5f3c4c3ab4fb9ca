import type { Check } from '../check.ts';
import { zonePairUnsaid } from './invariants.ts';
import { conduitNotTested, testOfRemovedAsset, testWithoutReason } from './tests.ts';

/** T: tests and invariants, by code; T-603 is one that fails. */
export const ClaimChecks: readonly Check[] = [
  conduitNotTested,
  zonePairUnsaid,
  testOfRemovedAsset,
  testWithoutReason,
];
