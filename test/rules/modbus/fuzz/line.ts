import {
  type InspectionSink,
  type Refusal,
  RefusalBytes,
  RefusalValues,
} from '../../../../rules/modbus/connection/effect.ts';
import type { FlowTraffic } from '../../../../rules/modbus/connection/flow-traffic.ts';
import { createInspection, type Inspection } from '../../../../rules/modbus/connection/inspection.ts';
import type { DeviceState } from '../../../../rules/modbus/device/device-state.ts';
import { describeRefusal } from '../../../../rules/modbus/text/describe.ts';
import type { HonestServer } from './honest-server.ts';
import { createNaiveClient } from './naive-client.ts';
import type { NaiveHistory } from './naive-history.ts';
import { permittedBy } from './naive-policy.ts';
import { type Found, readers } from './naive-readers.ts';
import { type NaiveRequest, readNaively } from './naive-request.ts';
import type { FuzzPolicy } from './policies.ts';

/** What the connections of a case share. */
export interface World {
  readonly server: HonestServer;
  readonly history: NaiveHistory;
  readonly device: DeviceState;
  readonly traffic: FlowTraffic;
  policy: FuzzPolicy;
  truthful: boolean;
  now: number;
}

/** One connection after the other through an inspection: when one is closed, the next one is opened. */
export interface Line {
  readonly fromClient: (bytes: Uint8Array) => void;
  /** The server answers the `which`th request it has not answered. */
  readonly answer: (which: number) => void;
  /** The server says something else, under the identifier of the `which`th such request; -1 as it stands. */
  readonly fromServer: (bytes: Uint8Array, which: number) => void;
  /** The server answers all it has not answered; says whether that was anything. */
  readonly answerAll: () => boolean;
  readonly adopt: () => void;
  /** Runs what is due, and opens the next connection where this one ended. */
  readonly goOn: () => void;
  /** Once all is answered: reads all that came out, and says what should not have been possible. */
  readonly finish: () => string | undefined;
  readonly finding: string | undefined;
  readonly requests: number;
  readonly forwarded: number;
  readonly responses: number;
  /** Writes that somebody who speaks RTU would take for a frame. */
  readonly byChance: number;
}

interface Pending {
  readonly upstreamId: number;
  readonly request: NaiveRequest;
  readonly answer: Uint8Array | undefined;
  readonly sentAt: number;
}

export function createLine(world: World): Line {
  let finding: string | undefined;
  const count = { requests: 0, forwarded: 0, responses: 0, byChance: 0 };
  let writes: Uint8Array[] = [];
  let pending: Pending[] = [];
  let client = createNaiveClient();
  /** What the server is answering just now: what has waited for it may be sent before the call returns. */
  let answering: Pending | undefined;
  let isOpen = true;
  let isWoken = false;

  function open(): Inspection {
    const { device, traffic } = world;
    const wake = (): void => {
      isWoken = true;
    };
    return createInspection({ terms: terms(), device, traffic, sink, wake });
  }

  function terms() {
    const { profile, tolerances } = world.policy;
    return { profile, tolerances, auditUntil: 0, auditMalformed: false };
  }

  const sink: InspectionSink = {
    toServer: (bytes, length) => {
      count.forwarded++;
      const write = bytes.slice(0, length);
      writes.push(write);
      onForwarded(write);
    },
    toClient: (bytes, length, by) => {
      count.responses++;
      const problem = client.receives(bytes.slice(0, length), by);
      if (by === 'server' && answering?.answer !== undefined)
        noteRead(answering.request, answering.answer, true);
      if (problem !== undefined) complain(`${problem}: ${hex(bytes.subarray(0, length))}`);
    },
    decided: () => {
      count.requests++;
      client.decided();
    },
    refused: (refusal) => checkText(refusal),
    quarantined: (refusal) => checkText(refusal),
    tolerated: () => {},
    close: () => {
      isOpen = false;
    },
  };
  let inspection = open();

  /** The record must take whatever was sent: one line, of bounded length, without anything but text in it. */
  function checkText(refusal: Refusal): void {
    const { profile, kind } = world.policy;
    const permission = profile.permissions.find(({ id }) => id === refusal.permission?.id);
    const text = describeRefusal(refusal, { permission, device: kind });
    if (!/^[^\p{C}]{8,600}$/u.test(text) || /undefined|null|\[object/.test(text))
      complain(`described as ${JSON.stringify(text)}`);
    if (refusal.bytes.length > RefusalBytes || refusal.values.length > RefusalValues)
      complain('a record of unbounded size');
  }

  function onForwarded(write: Uint8Array): void {
    const request = readNaively(write[6] ?? 0, write.subarray(7));
    if (request === undefined) return complain(`forwarded what is no request: ${hex(write)}`);
    const covering = permittedBy(world.policy.profile, request);
    if (covering.length === 0) return complain(`forwarded against the policy: ${hex(write)}`);
    if (
      world.truthful &&
      !covering.some((one) => world.history.holds(world.policy.profile, one, request, world.now))
    )
      return complain(`forwarded against a limit on time or steps: ${hex(write)}`);
    const { outstanding, requestTimeout } = world.policy.profile.limits;
    const isSilent = request.unit === 0 && world.policy.kind === 'serial-gateway';
    const open = pending.filter(
      (one) => one.answer && !client.wasAnswered(one.upstreamId) && world.now - one.sentAt < requestTimeout,
    ).length;
    if (open >= outstanding) complain(`more than ${outstanding} outstanding: ${hex(write)}`);
    world.history.note(request, world.now);
    const upstreamId = (write[0] ?? 0) * 256 + (write[1] ?? 0);
    const answer = world.server.carryOut(request, write.subarray(7));
    client.forwarded(upstreamId, write);
    pending.push({ upstreamId, request, answer: isSilent ? undefined : answer, sentAt: world.now });
  }

  /** Everything this connection sent to the server, as each kind of server would read it. */
  function readAll(): void {
    const mine = readers[0]?.(writes).found ?? [];
    for (const reader of readers) {
      const { found, rest } = reader(writes);
      if (rest !== 0)
        complain(`a server waits for the rest of a request, ${found[0]?.by ?? 'by its reading'}`);
      for (const [at, one] of found.entries()) if (!isSame(one, mine[at])) judge(one);
    }
  }

  /** What `onForwarded` has not judged. Limits on time need the moment, which a second reader does not know. */
  function judge({ by, unit, pdu }: Found): void {
    const request = readNaively(unit, pdu);
    // Of 65 536 writes that are no RTU, one has a checksum that holds: more than chance is told by counting.
    if (by === 'RTU') {
      count.byChance++;
      return;
    }
    if (request === undefined) complain(`read by ${by}, what is no request: ${hex(pdu)}`);
    else if (permittedBy(world.policy.profile, request).length === 0)
      complain(`read by ${by}, against the policy: ${unit} ${hex(pdu)}`);
  }

  function answer(which: number): void {
    const answerable = pending.filter((one) => one.answer !== undefined);
    const one = answerable[which % Math.max(1, answerable.length)];
    if (one?.answer === undefined) return;
    pending = pending.filter((other) => other !== one);
    noteRead(one.request, one.answer, false);
    answering = one;
    respond(one.upstreamId, one.request.unit, one.answer);
    answering = undefined;
  }

  function noteRead(request: NaiveRequest, answer: Uint8Array, delivered: boolean): void {
    const { functionCode, reads } = request;
    if (functionCode > 4 && functionCode !== 23) return;
    if ((answer[0] ?? 0) >= 0x80) return;
    const isBits = functionCode < 3;
    const data = Array.from({ length: reads[0]?.quantity ?? 0 }, (_, at) =>
      isBits
        ? ((answer[2 + (at >> 3)] ?? 0) >> (at & 7)) & 1
        : (answer[2 + 2 * at] ?? 0) * 256 + (answer[3 + 2 * at] ?? 0),
    );
    world.history.noteRead(request, data, world.now, delivered);
  }

  function respond(upstreamId: number, unit: number, pdu: Uint8Array): void {
    const length = pdu.length + 1;
    const head = [upstreamId >> 8, upstreamId & 0xff, 0, 0, length >> 8, length & 0xff, unit];
    say(Uint8Array.from([...head, ...pdu]));
  }

  function say(bytes: Uint8Array): void {
    client.serverSaid(bytes);
    inspection.fromServer(bytes, world.now);
  }

  function fromServer(bytes: Uint8Array, which: number): void {
    const one = which < 0 ? undefined : pending[which % Math.max(1, pending.length)];
    const said = bytes.slice();
    if (one !== undefined && said.length > 1) {
      said[0] = one.upstreamId >> 8;
      said[1] = one.upstreamId & 0xff;
    }
    world.truthful = false;
    say(said);
  }

  function goOn(): void {
    // As a carrier does: not before it is due, so that nothing is found by looking all the time.
    if (isOpen && world.now >= (inspection.nextDeadline() ?? Number.POSITIVE_INFINITY))
      inspection.tick(world.now);
    if (isOpen && isWoken) {
      isWoken = false;
      inspection.resume(world.now);
    }
    if (isOpen) return;
    readAll();
    isOpen = true;
    writes = [];
    pending = [];
    client = createNaiveClient();
    inspection = open();
  }

  function complain(problem: string): void {
    finding ??= problem;
  }

  return {
    fromClient: (bytes) => {
      client.sends(bytes);
      inspection.fromClient(bytes, world.now);
    },
    answer,
    answerAll: () => {
      const count = pending.filter((one) => one.answer !== undefined).length;
      for (let left = count; left > 0; left--) answer(0);
      return count > 0;
    },
    fromServer,
    adopt: () => {
      // What was sent under the old policy is judged by it.
      readAll();
      writes = [];
      inspection.adopt(terms(), world.now);
    },
    goOn,
    finish: () => {
      readAll();
      // Backpressure that outlives its cause would stop a client for ever.
      if (isOpen && client.undecided > 0) complain(`${client.undecided} requests are never decided`);
      return finding;
    },
    get finding() {
      return finding;
    },
    get requests() {
      return count.requests;
    },
    get forwarded() {
      return count.forwarded;
    },
    get byChance() {
      return count.byChance;
    },
    get responses() {
      return count.responses;
    },
  };
}

function isSame({ unit, pdu }: Found, other: Found | undefined): boolean {
  return other !== undefined && unit === other.unit && Buffer.compare(pdu, other.pdu) === 0;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
