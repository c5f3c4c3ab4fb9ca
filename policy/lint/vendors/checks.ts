import type { Check } from '../check.ts';
import { vendorNeverIn } from '../review/observed.ts';
import { identityOfTwo, noSecondFactor, noSecondFactorHigh, sharedIdentity } from './identity.ts';
import {
  entryOutsideDmz,
  entryWithoutHost,
  notRecorded,
  reachesNothing,
  targetNotInspected,
} from './reach.ts';
import {
  contractEnded,
  noConcurrentLimit,
  noContractEnd,
  noIdleLimit,
  noLongestSession,
  noSecondApproval,
  noSupplierDuties,
  notApproved,
  notApprovedLow,
  noWindow,
} from './terms.ts';
import { openedFlowWithoutSession, pinhole } from './vendor-flows.ts';

/** V: vendors, by code. */
export const VendorChecks: readonly Check[] = [
  noContractEnd,
  contractEnded,
  entryOutsideDmz,
  entryWithoutHost,
  sharedIdentity,
  identityOfTwo,
  noSecondFactorHigh,
  noSecondFactor,
  notApproved,
  notApprovedLow,
  noIdleLimit,
  noConcurrentLimit,
  vendorNeverIn,
  openedFlowWithoutSession,
  notRecorded,
  noSupplierDuties,
  noLongestSession,
  targetNotInspected,
  noSecondApproval,
  reachesNothing,
  noWindow,
  pinhole,
];
