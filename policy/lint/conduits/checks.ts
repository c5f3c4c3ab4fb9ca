import type { Check } from '../check.ts';
import { auditEnded, auditIntoSafety, auditWithoutProfile } from './audit-stage.ts';
import {
  conduitWithinZone,
  conduitWithoutFlow,
  endpointOutsideConduit,
  endpointWithoutAddress,
  flowWithoutTicket,
} from './conduit-flows.ts';
import {
  conduitBelowZones,
  conduitNotMonitored,
  flowWithoutLimit,
  undeclaredIntoHigh,
} from './conduit-level.ts';
import { againstOneWay, bothDirections } from './directions.ts';
import { duplicateFlow, mergeableFlow } from './duplicate-flows.ts';
import { ipv6NotModelled } from './ipv6.ts';
import {
  clearTextAdministration,
  domainIntoControl,
  engineeringAlwaysOpen,
  messagesIntoControl,
  messagesOutOfControl,
  namesFromOutside,
  remoteControlAlwaysOpen,
} from './known-services.ts';
import { auditTooLong, temporaryRenewed, temporaryTooLong } from './lasting.ts';
import { oneWayNeedsUdp } from './one-way.ts';
import { reachInTwoSteps } from './reach.ts';
import { shadowedFlow } from './shadowed.ts';
import { expiredTemporary, temporaryEndsBeforeStart } from './temporary-conduit.ts';
import { toleranceWithoutInspection } from './tolerances.ts';
import { everyPort, manyPorts, wideIntoHigh, wideIntoLow, zoneToZone } from './width.ts';
import {
  controlToInternet,
  historianFromBusiness,
  pastTheDmz,
  readsPastTheDmz,
  unnamedIntoSafety,
  upwards,
} from './zone-crossing.ts';

/** C: conduits and their flows, by code. */
export const ConduitChecks: readonly Check[] = [
  pastTheDmz,
  readsPastTheDmz,
  historianFromBusiness,
  unnamedIntoSafety,
  everyPort,
  manyPorts,
  wideIntoHigh,
  wideIntoLow,
  conduitBelowZones,
  expiredTemporary,
  temporaryEndsBeforeStart,
  temporaryTooLong,
  temporaryRenewed,
  oneWayNeedsUdp,
  againstOneWay,
  upwards,
  conduitWithoutFlow,
  flowWithoutTicket,
  bothDirections,
  conduitNotMonitored,
  clearTextAdministration,
  messagesIntoControl,
  messagesOutOfControl,
  domainIntoControl,
  controlToInternet,
  namesFromOutside,
  ipv6NotModelled,
  reachInTwoSteps,
  engineeringAlwaysOpen,
  duplicateFlow,
  shadowedFlow,
  auditWithoutProfile,
  auditIntoSafety,
  auditEnded,
  flowWithoutLimit,
  endpointOutsideConduit,
  conduitWithinZone,
  endpointWithoutAddress,
  toleranceWithoutInspection,
  auditTooLong,
  remoteControlAlwaysOpen,
  undeclaredIntoHigh,
  zoneToZone,
  mergeableFlow,
];
