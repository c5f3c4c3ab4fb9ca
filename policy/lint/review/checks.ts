import type { Check } from '../check.ts';
import { conduitsNotDescribed, zonesNotDescribed } from './characteristics.ts';
import {
  noRiskAssessment,
  notApproved,
  regulationUnknown,
  reviewNotPlanned,
  reviewOverdue,
  riskOutdated,
} from './governance.ts';
import {
  decommissionedInUse,
  deferralOverdue,
  unpatchableUnexplained,
  unpatchableUnprotected,
} from './lifecycle.ts';
import { addressNotModelled, flowNeverUsed } from './observed.ts';
import { pathIntoSafety, pathWithoutControls } from './paths.ts';

/** R: review and evidence, by code; are about waivers. */
export const ReviewChecks: readonly Check[] = [
  reviewOverdue,
  noRiskAssessment,
  notApproved,
  riskOutdated,
  zonesNotDescribed,
  regulationUnknown,
  unpatchableUnprotected,
  flowNeverUsed,
  decommissionedInUse,
  conduitsNotDescribed,
  deferralOverdue,
  unpatchableUnexplained,
  pathWithoutControls,
  pathIntoSafety,
  addressNotModelled,
  reviewNotPlanned,
];
