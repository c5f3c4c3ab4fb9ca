import type { Permit } from '../admission/flow-table.ts';
import { asked as decodeAsked } from '../modbus/connection/asked.ts';
import type { InspectionSink, Outcome, Refusal } from '../modbus/connection/effect.ts';
import { createFlowTraffic } from '../modbus/connection/flow-traffic.ts';
import { createInspection } from '../modbus/connection/inspection.ts';
import { createDeviceState, type DeviceState } from '../modbus/device/device-state.ts';
import { aduLength, createRequest, emitRequest } from '../modbus/message/request.ts';
import type { ModbusPermission, ModbusProfile } from '../modbus/profile.ts';
import { describe } from '../modbus/text/describe.ts';
import { alternativeTo, type NamedAlternative } from '../modbus/text/describe-alternative.ts';
import type { TestGiven } from '../policy-test.ts';
import type { Reason } from '../reason.ts';
import { buildRequest, type Flaw, type StatedRequest } from './build-request.ts';
import { formInProfile, PlainRegister, registersOf } from './value-form.ts';

/** What the inspection of a flow says to one request. */
export interface Judgement {
  readonly outcome: Outcome;
  /** The request in the plant's words. */
  readonly text: string;
  readonly reason: Reason | undefined;
  /** The permission that decided or came closest. */
  readonly permission: ModbusPermission | undefined;
  /** 0 where no exception is sent. */
  readonly exceptionCode: number;
  readonly action: Refusal['action'];
  /** What would have been permitted instead. */
  readonly alternative: NamedAlternative | undefined;
}

/** What is known of the server. */
export type Known = Pick<TestGiven, 'last' | 'read'>;

export type Judged =
  | { readonly ok: true; readonly judgement: Judgement }
  | { readonly ok: false; readonly flaw: Flaw };

/**
 * Hands a request to the inspection that would meet it at this wall time, on a server of which no more is
 * known than is given.
 */
export function judgeRequest(
  stated: StatedRequest,
  known: Known,
  { flow, profile, device: server, tolerances }: Permit,
  at: number,
): Judged {
  const built = buildRequest(stated, profile);
  if (!built.ok) return built;
  const { request } = built;
  const device = createDeviceState(server.kind);
  device.watch(profile, Number.NEGATIVE_INFINITY);
  const flaw = tellDevice(device, stated, known, profile, at);
  if (flaw !== undefined) return { ok: false, flaw };
  const adu = new Uint8Array(aduLength(request));
  emitRequest(request, 1, adu);
  const alternative = alternativeTo(adu, profile, device, at);
  const heard = createHeard();
  const before = decodeAsked(request, profile, device);
  const inspection = createInspection({
    terms: { profile, tolerances, auditUntil: flow.auditUntil, auditMalformed: flow.auditMalformed },
    device,
    traffic: createFlowTraffic(),
    sink: heard.sink,
    wake: () => {},
  });
  inspection.fromClient(adu, at);
  const { refusal } = heard;
  const permission = profile.permissions[heard.permission];
  const named = permission && { ...permission, index: heard.permission };
  const judgement: Judgement = {
    outcome: heard.outcome,
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
  return { ok: true, judgement };
}

/** Lets the server have been read, just now, and say what is given. */
function tellDevice(
  device: DeviceState,
  { functionCode: code, unit, address = 0, form }: StatedRequest,
  { last, read }: Known,
  profile: ModbusProfile,
  at: number,
): Flaw | undefined {
  const typed = form ?? formInProfile(profile, code, unit, address);
  const readings = [
    ...last.map((each) => ({ ...each, units: [unit], code: 3, form: typed })),
    ...read.map((each) => ({
      ...each,
      units: unitsRead(profile, each.functionCode, each.address, unit),
      code: each.functionCode,
      form: PlainRegister,
    })),
  ];
  for (const reading of readings) {
    const registers = registersOf(reading.value, reading.form);
    if (registers === undefined) {
      const message = `${reading.value} is no ${reading.form.type}.`;
      return { message, hint: 'Give what is known in the type of what is written.' };
    }
    for (const each of reading.units) observe(device, each, reading.code, reading.address, registers, at);
  }
  return undefined;
}

function observe(
  device: DeviceState,
  unit: number,
  functionCode: number,
  readAddress: number,
  registers: readonly number[],
  at: number,
): void {
  const isBits = functionCode <= 2;
  const data = registers.flatMap((word) => (isBits ? [word & 1] : [(word >>> 8) & 0xff, word & 0xff]));
  const reading = { ...createRequest(), functionCode, unit, readAddress, readQuantity: registers.length };
  device.observe(reading, Uint8Array.from(data), 0, at, device.moment());
}

/** A reading is of the unit that is asked, and of those whose reading an interlock waits for. */
function unitsRead(
  { permissions }: ModbusProfile,
  functionCode: number,
  address: number,
  unit: number,
): readonly number[] {
  const interlocks = permissions
    .flatMap((permission) => permission.interlocks)
    .filter((each) => each.functionCode === functionCode && each.address === address);
  return [...new Set([unit, ...interlocks.map((each) => each.unit)])];
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
