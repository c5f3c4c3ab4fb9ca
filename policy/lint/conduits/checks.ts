import type { Check } from '../check.ts';
import { auditEnded, auditIntoSafety, auditWithoutProfile } from './audit-stage.ts';
import {
  conduitWithinZone,
  conduitWithoutFlow,
  endpointOutsideConduit,
  endpointWithoutAddress,
  flowWithoutTicket,
} from './conduit-flows.ts';
import { oneWayNeedsUdp } from './one-way.ts';
import { expiredTemporary, temporaryEndsBeforeStart } from './temporary-conduit.ts';
import { toleranceWithoutInspection } from './tolerances.ts';

/** C: conduits and their flows, by code. */
export const ConduitChecks: readonly Check[] = [
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
];
