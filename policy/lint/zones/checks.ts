import type { Check } from '../check.ts';
import { duplicateAddress } from './duplicate-address.ts';
import { sifOutsideSafety } from './sif-outside-safety.ts';
import { assetOutsideZone, overlappingZones } from './zone-networks.ts';

/** Z: zones and assets, by code. */
export const ZoneChecks: readonly Check[] = [
  sifOutsideSafety,
  duplicateAddress,
  assetOutsideZone,
  overlappingZones,
];
