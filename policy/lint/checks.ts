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
import { aliasShared, aliasWithoutRegister } from './modbus-aliases.ts';
import { guardBypassed } from './modbus-bypass.ts';
import { stateFedElsewhere, unfedInMode, unfedState } from './modbus-feeds.ts';
import { guardSlipped } from './modbus-guards.ts';
import { fewExceptions, readBudget, rtuPipelined, shortTimeout } from './modbus-limits.ts';
import { tooMuchToRemember } from './modbus-memory.ts';
import { disturbingDiagnostics, longAduNotTolerated, opaqueWithoutSize } from './modbus-opaque.ts';
import { guardAlternated } from './modbus-other-units.ts';
import {
  limitCannotBeJudged,
  limitWithoutFunction,
  permissionWithoutAddress,
  permitsNothing,
  quantityAboveProtocol,
  reservedSubFunction,
} from './modbus-permissions.ts';
import { writingPreset } from './modbus-presets.ts';
import { broadcastRead, reservedUnit } from './modbus-units.ts';
import { splitValue, tornFunction, tornValue } from './modbus-values.ts';
import { writeIntoSafety, writerWithoutMac, writeWithoutLimit } from './modbus-writes.ts';
import { islandMissing, modeProfileUnused } from './modes.ts';
import { oneWayNeedsUdp } from './one-way.ts';
import { lineNotInspected, lineOfNoBox, sharedPort } from './serial-lines.ts';
import { sifOutsideSafety } from './sif-outside-safety.ts';
import { expiredTemporary, temporaryEndsBeforeStart } from './temporary-conduit.ts';
import { toleranceWithoutInspection } from './tolerances.ts';
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
  toleranceWithoutInspection,
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
  unfedState,
  stateFedElsewhere,
  unfedInMode,
  opaqueWithoutSize,
  longAduNotTolerated,
  limitWithoutFunction,
  disturbingDiagnostics,
  quantityAboveProtocol,
  broadcastRead,
  reservedUnit,
  splitValue,
  tornValue,
  tornFunction,
  guardSlipped,
  guardBypassed,
  guardAlternated,
  profileWithoutTcp,
  permitsNothing,
  limitCannotBeJudged,
  reservedSubFunction,
  inspectedIpv6,
  writerWithoutMac,
  aliasWithoutRegister,
  readBudget,
  fewExceptions,
  rtuPipelined,
  writingPreset,
  sharedPort,
  lineOfNoBox,
  lineNotInspected,
  shortTimeout,
  tooMuchToRemember,
  aliasShared,
  openedFlowWithoutSession,
  sifOutsideSafety,
  duplicateAddress,
  assetOutsideZone,
  overlappingZones,
];
