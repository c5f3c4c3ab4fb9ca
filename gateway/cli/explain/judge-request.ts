import type { Permit } from '../../../rules/admission/flow-table.ts';
import { asked } from '../../../rules/modbus/connection/asked.ts';
import type { InspectionSink, Outcome, Refusal } from '../../../rules/modbus/connection/effect.ts';
import { createFlowTraffic } from '../../../rules/modbus/connection/flow-traffic.ts';
import { createInspection } from '../../../rules/modbus/connection/inspection.ts';
import { createDeviceState, type DeviceState } from '../../../rules/modbus/device/device-state.ts';
import {
  aduLength,
  createRequest,
  emitRequest,
  type Request,
} from '../../../rules/modbus/message/request.ts';
import type { ModbusPermission, ModbusProfile } from '../../../rules/modbus/profile.ts';
import { describe } from '../../../rules/modbus/text/describe.ts';
import { alternativeTo, type NamedAlternative } from '../../../rules/modbus/text/describe-alternative.ts';
import type { Reason } from '../../../rules/reason.ts';
import { buildRequest, registersOf, valueForm } from './build-request.ts';
import type { Circumstances } from './question.ts';

/** What the inspection of a flow says to one request. */
export interface Judgement {
  readonly outcome: Outcome;
  /** The request in the plant's words. */
  readonly text: string;
  readonly reason: Reason | undefined;
  /** The permission that decided or came closest. */
  readonly permission: ModbusPermission | undefined;
  readonly exceptionCode: number;
  readonly action: Refusal['action'];
  readonly alternative: NamedAlternative | undefined;
}

/**
 * Hands a request to the inspection that would meet it at this wall time, on a server of which no more is known than is
 * given.
 */
export function judgeRequest(
  words: ReadonlyMap<string, string>,
  given: Circumstances,
  { flow, profile, device: server, tolerances }: Permit,
  at: number,
): Judgement {
  const request = buildRequest(words, profile);
  const device = createDeviceState(server.kind);
  device.watch(profile, Number.NEGATIVE_INFINITY);
  tellDevice(device, words, given, request, profile, at);
  const adu = new Uint8Array(aduLength(request));
  emitRequest(request, 1, adu);
  const alternative = alternativeTo(adu, profile, device, at);
  const decided = createHeard();
  const before = asked(request, profile, device);
  const inspection = createInspection({
    terms: { profile, tolerances, auditUntil: flow.auditUntil, auditMalformed: flow.auditMalformed },
    device,
    traffic: createFlowTraffic(),
    sink: decided.sink,
    wake: () => {},
  });
  inspection.fromClient(adu, at);
  const { refusal } = decided;
  const permission = profile.permissions[decided.permission];
  const named = permission && { ...permission, index: decided.permission };
  return {
    outcome: decided.outcome,
    text: describe(refusal ?? { ...before, permission: named, bytes: adu }, {
      permission,
      device: server.kind,
    }),
    reason: refusal?.reason,
    permission,
    exceptionCode: refusal?.exceptionCode ?? 0,
    action: refusal?.action ?? 'exception',
    alternative: refusal && alternative,
  };
}

/** Lets the server have been read, just now, and say what is given. */
function tellDevice(
  device: DeviceState,
  words: ReadonlyMap<string, string>,
  { last, read }: Circumstances,
  request: Request,
  profile: ModbusProfile,
  at: number,
): void {
  const observe = (
    functionCode: number,
    unit: number,
    address: number,
    registers: readonly number[],
  ): void => {
    const data = registers.flatMap((word) =>
      functionCode <= 2 ? [word & 1] : [(word >>> 8) & 0xff, word & 0xff],
    );
    const reading = { ...createRequest(), functionCode, unit, readAddress: address };
    reading.readQuantity = registers.length;
    device.observe(reading, Uint8Array.from(data), 0, at, device.moment());
  };
  const form = valueForm(words, profile, request);
  for (const { address, value } of last) observe(3, request.unit, address, registersOf(value, form));
  const plain = { type: 'u16', words: 'big', bytes: 'big' } as const;
  for (const { functionCode, address, value } of read) {
    for (const unit of unitsRead(profile, functionCode, address, request.unit)) {
      observe(functionCode, unit, address, registersOf(value, plain));
    }
  }
}

/** A reading is of the unit that is asked, and of those whose reading an interlock waits for. */
function unitsRead(
  { permissions }: ModbusProfile,
  functionCode: number,
  address: number,
  unit: number,
): ReadonlySet<number> {
  const interlocks = permissions
    .flatMap((permission) => permission.interlocks)
    .filter((each) => each.functionCode === functionCode && each.address === address);
  return new Set([unit, ...interlocks.map((each) => each.unit)]);
}

function createHeard() {
  const heard = {
    outcome: 'refuse' as Outcome,
    permission: -1,
    refusal: undefined as Refusal | undefined,
    sink: {
      toServer: () => {},
      toClient: () => {},
      decided: (_code, _unit, outcome, _reason, permission) => {
        heard.outcome = outcome;
        heard.permission = permission;
      },
      refused: (refusal) => {
        heard.refusal ??= refusal;
      },
      quarantined: () => {},
      tolerated: () => {},
      close: () => {},
    } as InspectionSink,
  };
  return heard;
}
