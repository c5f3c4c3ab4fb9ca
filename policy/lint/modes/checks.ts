import type { Check } from '../check.ts';
import { essentialFlowCut } from './essential-flow.ts';
import { islandMissing, modeProfileUnused } from './modes.ts';

/** E: essential flows and modes, by code. */
export const ModeChecks: readonly Check[] = [essentialFlowCut, islandMissing, modeProfileUnused];
