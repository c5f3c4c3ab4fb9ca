import type { Check } from '../check.ts';
import { essentialFlowCut } from './essential-flow.ts';
import { islandMissing, modeProfileUnused } from './modes.ts';
import { modeNotTested, modeWithoutAuthority, noRecoveryOrder, recoveryIncomplete } from './rehearsal.ts';
import { essentialNotTested, nothingEssential, safetyDependsOnGateway } from './safety-functions.ts';

/** E: essential flows and modes, by code. */
export const ModeChecks: readonly Check[] = [
  essentialFlowCut,
  islandMissing,
  modeNotTested,
  safetyDependsOnGateway,
  noRecoveryOrder,
  modeProfileUnused,
  recoveryIncomplete,
  modeWithoutAuthority,
  nothingEssential,
  essentialNotTested,
];
