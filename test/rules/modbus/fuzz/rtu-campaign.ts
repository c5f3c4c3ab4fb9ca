import type { InspectionSink } from '../../../../rules/modbus/connection/effect.ts';
import { createFlowTraffic } from '../../../../rules/modbus/connection/flow-traffic.ts';
import { createDeviceState } from '../../../../rules/modbus/device/device-state.ts';
import { createRtuInspection } from '../../../../rules/modbus/rtu/rtu-inspection.ts';
import { createHonestServer } from './honest-server.ts';
import { permittedBy } from './naive-policy.ts';
import { crc16 } from './naive-readers.ts';
import { readNaively } from './naive-request.ts';
import { type FuzzPolicy, policies } from './policies.ts';
import { createRandom, type Random } from './random.ts';
import { concatenate, randomRequest } from './random-adu.ts';

/** What a run over RTU connections came to. */
export interface RtuResult {
  readonly frames: number;
  readonly forwarded: number;
  readonly answered: number;
  readonly finding: string | undefined;
}

/**
 * The same for connections whose both ends speak RTU, where order alone says what answers what: every write is
 * one whole permitted frame, one is under way at a time, and each answer is the one to the request under way.
 */
export function runRtuCampaign(seed: number, frames: number): RtuResult {
  const total = { frames: 0, forwarded: 0, answered: 0 };
  for (let number = 0; total.frames < frames; number++) {
    const random = createRandom(Math.imul(seed, 0x9e3779b1) + number);
    const policy = random.pick(Object.values(policies));
    const finding = runConnection(random, policy, total);
    if (finding !== undefined) return { ...total, finding: `connection ${number}: ${finding}` };
  }
  return { ...total, finding: undefined };
}

function runConnection(
  random: Random,
  policy: FuzzPolicy,
  total: { frames: number; forwarded: number; answered: number },
): string | undefined {
  const server = createHonestServer();
  let finding: string | undefined;
  let isOpen = true;
  let now = 1_000;
  let underWay: { readonly write: Uint8Array; readonly answer: Uint8Array | undefined } | undefined;
  const complain = (what: string, bytes: Uint8Array): void => {
    finding ??= `${what}: ${Buffer.from(bytes).toString('hex')}`;
  };
  const sink: InspectionSink = {
    toServer: (bytes, length) => {
      total.forwarded++;
      const write = bytes.slice(0, length);
      if (!hasCrc(write)) return complain('forwarded with a wrong checksum', write);
      const pdu = write.subarray(1, -2);
      const request = readNaively(write[0] ?? 0, pdu);
      if (request === undefined) return complain('forwarded what is no request', write);
      if (permittedBy(policy.profile, request).length === 0) complain('forwarded against the policy', write);
      if (underWay?.answer !== undefined) complain('forwarded while another one was under way', write);
      const said = server.carryOut(request, pdu);
      const isSilent = request.unit === 0 && policy.kind === 'serial-gateway';
      underWay = { write, answer: said === undefined || isSilent ? undefined : frame(request.unit, said) };
    },
    toClient: (bytes, length, by) => {
      const answer = bytes.slice(0, length);
      if (!hasCrc(answer)) return complain('answered with a wrong checksum', answer);
      if (by === 'gateway') {
        if (answer.length !== 5 || (answer[1] ?? 0) < 0x80) complain('the gateway answers with data', answer);
        return;
      }
      total.answered++;
      if (underWay === undefined) return complain('an answer to nothing', answer);
      const [unit, code] = underWay.write;
      if (answer[0] !== unit || ((answer[1] ?? 0) & 0x7f) !== code)
        complain('an answer to another request', answer);
      underWay = undefined;
    },
    decided: () => {},
    refused: () => {},
    quarantined: () => {},
    tolerated: () => {},
    close: () => {
      isOpen = false;
    },
  };
  const { profile, tolerances, kind } = policy;
  const inspection = createRtuInspection({
    terms: { profile, tolerances, auditUntil: 0, auditMalformed: false },
    device: createDeviceState(kind),
    traffic: createFlowTraffic(),
    sink,
    wake: () => {},
  });
  for (let turns = random.between(1, 60); turns > 0 && isOpen && finding === undefined; turns--) {
    const count = random.between(1, 3);
    total.frames += count;
    const bytes = concatenate(Array.from({ length: count }, () => someFrame(random, policy)));
    for (let at = 0; at < bytes.length && isOpen; ) {
      const end = random.once(3) ? at + random.between(1, 9) : bytes.length;
      inspection.fromClient(bytes.slice(at, end), now);
      at = end;
    }
    for (let tries = 0; tries < count && isOpen; tries++) {
      const answer = underWay?.answer;
      if (answer !== undefined) inspection.fromServer(random.once(40) ? junk(random, answer) : answer, now);
      now += random.pick([1, 50, 250]);
      if (isOpen) inspection.tick(now);
    }
  }
  inspection.end();
  return finding;
}

function someFrame(random: Random, { profile }: FuzzPolicy): Uint8Array {
  const [unit, pdu] = randomRequest(random, profile);
  const good = frame(unit, Uint8Array.from(pdu));
  if (!random.once(80)) return good;
  switch (random.below(5)) {
    case 0:
      return good.with(random.below(good.length), random.below(256));
    case 1: // a longer frame with a right checksum
      return frame(unit, concatenate([Uint8Array.from(pdu), good]));
    case 2:
      return good.slice(0, random.below(good.length));
    case 3: // a shorter one
      return frame(unit, Uint8Array.from(pdu.slice(0, -1)));
    default: // a count that lies
      return frame(unit, Uint8Array.from(pdu.with(random.below(pdu.length), random.below(256))));
  }
}

function junk(random: Random, answer: Uint8Array): Uint8Array {
  const [unit = 0, code = 0] = answer;
  return random.pick([
    answer.with(random.below(answer.length), random.below(256)),
    concatenate([answer, answer]),
    frame(unit ^ 1, answer.subarray(1, -2)),
    frame(unit, answer.subarray(1, -2).with(0, code ^ 1)),
    frame(unit, Uint8Array.of(code, 0, 0, 0, 1)),
    answer.slice(0, -1),
  ]);
}

function frame(unit: number, pdu: Uint8Array): Uint8Array {
  const body = Uint8Array.of(unit, ...pdu);
  const crc = crc16(body);
  return Uint8Array.of(...body, crc & 0xff, crc >> 8);
}

function hasCrc(bytes: Uint8Array): boolean {
  const end = bytes.length - 2;
  return end >= 2 && crc16(bytes.subarray(0, end)) === (bytes[end] ?? 0) + 256 * (bytes[end + 1] ?? 0);
}
