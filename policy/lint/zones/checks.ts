import type { Check } from '../check.ts';
import {
  assetWithoutType,
  capabilityBelowTarget,
  capabilityUnknown,
  firmwareUnknown,
  zoneBelowNeed,
} from './asset-levels.ts';
import { boundaryUnexplained, consequencesUnknown } from './described.ts';
import { duplicateAddress } from './duplicate-address.ts';
import {
  bridgingAsset,
  emptyZone,
  noMeetingPlace,
  onlyControlZone,
  openZoneIntoSafety,
  publicNetwork,
  zoneWithoutConduit,
} from './partition.ts';
import {
  externalInside,
  officeAmongControl,
  safetyAmongControl,
  strangerAmongSafety,
  transientAmongFixed,
  wirelessAmongWired,
} from './separation.ts';
import { sifOutsideSafety } from './sif-outside-safety.ts';
import {
  emptyRationale,
  highestTarget,
  levelAndVectorDisagree,
  levelNotReviewed,
  levelWithoutReference,
  noTarget,
} from './target-level.ts';
import { assetOutsideZone, overlappingZones } from './zone-networks.ts';

/** Z: zones and assets, by code. */
export const ZoneChecks: readonly Check[] = [
  officeAmongControl,
  safetyAmongControl,
  sifOutsideSafety,
  transientAmongFixed,
  wirelessAmongWired,
  externalInside,
  duplicateAddress,
  assetOutsideZone,
  overlappingZones,
  onlyControlZone,
  noTarget,
  emptyRationale,
  zoneBelowNeed,
  capabilityUnknown,
  capabilityBelowTarget,
  levelAndVectorDisagree,
  firmwareUnknown,
  highestTarget,
  noMeetingPlace,
  bridgingAsset,
  strangerAmongSafety,
  publicNetwork,
  openZoneIntoSafety,
  assetWithoutType,
  emptyZone,
  zoneWithoutConduit,
  boundaryUnexplained,
  levelWithoutReference,
  levelNotReviewed,
  consequencesUnknown,
];
