import { auditEnded, auditIntoSafety, auditWithoutProfile } from './audit-stage.ts';
import {
  ambiguousInterface,
  boxAddressTaken,
  inlineWithoutAddresses,
  interfaceWithoutAddress,
} from './box-interfaces.ts';
import { serviceOutOfReach, unreachableBox } from './box-services.ts';
import type { Check } from './check.ts';
import {
  conduitWithinZone,
  conduitWithoutFlow,
  endpointOutsideConduit,
  endpointWithoutAddress,
  flowWithoutTicket,
} from './conduit-flows.ts';
import { duplicateAddress } from './duplicate-address.ts';
import { essentialFlowCut } from './essential-flow.ts';
import { inspectedIpv6, modbusWithoutProfile, profileWithoutTcp } from './inspected-flow.ts';
import {
  permissionWithoutAddress,
  permitsNothing,
  quantityAboveProtocol,
  splitValue,
} from './modbus-permissions.ts';
import { writeIntoSafety, writerWithoutMac, writeWithoutLimit } from './modbus-writes.ts';
import { islandMissing, modeProfileUnused } from './modes.ts';
import { oneWayNeedsUdp } from './one-way.ts';
import { sifOutsideSafety } from './sif-outside-safety.ts';
import { expiredTemporary, temporaryEndsBeforeStart } from './temporary-conduit.ts';
import { openedFlowWithoutSession } from './vendor-flows.ts';
import { assetOutsideZone, overlappingZones } from './zone-networks.ts';
import { sharedWire, unservedZonePair } from './zone-pairs.ts';

/** Every check there is, by code: Conduits, Essential flows and modes, Gateways, Modbus, Vendors, Zones. */
export const Checks: readonly Check[] = [
  expiredTemporary,
  temporaryEndsBeforeStart,
  oneWayNeedsUdp,
  conduitWithoutFlow,
  flowWithoutTicket,
  auditWithoutProfile,
  auditIntoSafety,
  auditEnded,
  endpointOutsideConduit,
  conduitWithinZone,
  endpointWithoutAddress,
  essentialFlowCut,
  islandMissing,
  modeProfileUnused,
  unservedZonePair,
  unreachableBox,
  serviceOutOfReach,
  ambiguousInterface,
  interfaceWithoutAddress,
  boxAddressTaken,
  inlineWithoutAddresses,
  sharedWire,
  modbusWithoutProfile,
  writeIntoSafety,
  permissionWithoutAddress,
  writeWithoutLimit,
  quantityAboveProtocol,
  splitValue,
  profileWithoutTcp,
  permitsNothing,
  inspectedIpv6,
  writerWithoutMac,
  openedFlowWithoutSession,
  sifOutsideSafety,
  duplicateAddress,
  assetOutsideZone,
  overlappingZones,
];
