import type { Check } from './check.ts';
import { ClaimChecks } from './claims/checks.ts';
import { ConduitChecks } from './conduits/checks.ts';
import { GatewayChecks } from './gateways/checks.ts';
import { ModbusChecks } from './modbus/checks.ts';
import { ModeChecks } from './modes/checks.ts';
import { ReviewChecks } from './review/checks.ts';
import { VendorChecks } from './vendors/checks.ts';
import { ZoneChecks } from './zones/checks.ts';

/** Every check there is, by code. */
export const Checks: readonly Check[] = [
  ...ConduitChecks,
  ...ModeChecks,
  ...GatewayChecks,
  ...ModbusChecks,
  ...ReviewChecks,
  ...ClaimChecks,
  ...VendorChecks,
  ...ZoneChecks,
];
