import type { Check } from '../check.ts';
import { permissionNeverUsed } from '../review/observed.ts';
import { aliasShared, aliasWithoutRegister } from './aliases.ts';
import { guardBypassed } from './bypass.ts';
import {
  broadcastWrite,
  deviceTellsAll,
  everyAddress,
  opaqueAlwaysOpen,
  readWriteAmongReads,
} from './exposure.ts';
import { stateFedElsewhere, unfedInMode, unfedState } from './feeds.ts';
import { guardSlipped } from './guards.ts';
import { inspectedIpv6, modbusWithoutProfile, profileWithoutTcp } from './inspected-flow.ts';
import { fewExceptions, readBudget, rtuPipelined, shortTimeout } from './limits.ts';
import { tooMuchToRemember } from './memory.ts';
import { disturbingDiagnostics, longAduNotTolerated, opaqueWithoutSize } from './opaque.ts';
import { guardAlternated } from './other-units.ts';
import {
  limitCannotBeJudged,
  limitWithoutFunction,
  permissionWithoutAddress,
  permitsNothing,
  quantityAboveProtocol,
  reservedSubFunction,
} from './permissions.ts';
import { writingPreset } from './presets.ts';
import { lineNotInspected, lineOfNoBox, sharedPort } from './serial-lines.ts';
import { shadowedPermission } from './shadowed.ts';
import { twoWriters } from './two-writers.ts';
import { broadcastRead, reservedUnit } from './units.ts';
import { splitValue, tornFunction, tornValue } from './values.ts';
import { writeIntoSafety, writerWithoutMac, writeWithoutLimit } from './writes.ts';

/** M: Modbus, by code. */
export const ModbusChecks: readonly Check[] = [
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
  twoWriters,
  deviceTellsAll,
  opaqueAlwaysOpen,
  broadcastWrite,
  permissionNeverUsed,
  readWriteAmongReads,
  everyAddress,
  shadowedPermission,
];
