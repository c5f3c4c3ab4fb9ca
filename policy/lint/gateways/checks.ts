import type { Check } from '../check.ts';
import {
  ambiguousInterface,
  boxAddressTaken,
  inlineWithoutAddresses,
  interfaceWithoutAddress,
} from './box-interfaces.ts';
import { serviceOutOfReach, unreachableBox } from './box-services.ts';
import { unsharedLeg, unsoundPair } from './pair.ts';
import { sharedWire, unservedZonePair } from './zone-pairs.ts';

/** G: gateways, by code. */
export const GatewayChecks: readonly Check[] = [
  unservedZonePair,
  unreachableBox,
  serviceOutOfReach,
  ambiguousInterface,
  interfaceWithoutAddress,
  boxAddressTaken,
  inlineWithoutAddresses,
  sharedWire,
  unsoundPair,
  unsharedLeg,
];
