import {
  keyOf,
  type RequestSeen,
  type SeenEnds,
  type SightingsCollector,
} from '../../../policy/learn/sightings.ts';
import type { InspectionSink } from '../../../rules/modbus/connection/effect.ts';
import { createInspection, type InspectionTerms } from '../../../rules/modbus/connection/inspection.ts';
import { writes, writtenWord } from '../../../rules/modbus/message/access.ts';
import { byteAt, FunctionOffset, wordAt } from '../../../rules/modbus/message/adu.ts';
import { ExceptionBit } from '../../../rules/modbus/message/function-code.ts';
import { parseRequest } from '../../../rules/modbus/message/parse-request.ts';
import { createRequest, type Request } from '../../../rules/modbus/message/request.ts';
import type { ModbusDevice, ModbusLimits, ModbusProfile, Tolerance } from '../../../rules/modbus/profile.ts';
import { createRtuInspection } from '../../../rules/modbus/rtu/rtu-inspection.ts';
import type { Reason } from '../../../rules/reason.ts';
import { createReplayedConnection, type ReplayedConnection } from '../replay/replayed-connection.ts';
import { createReplayedRtuConnection } from '../replay/replayed-rtu-connection.ts';
import { createReplayedServers } from '../replay/replayed-servers.ts';

/** A Modbus connection of a capture, and what the policy has for it. */
export interface Watched {
  readonly ends: SeenEnds;
  /** The flow that leads there, or empty; then nothing on it is permitted, for this reason. */
  readonly flow: string;
  readonly reason: Reason | undefined;
  readonly profile: ModbusProfile;
  readonly device: ModbusDevice;
  readonly tolerances: readonly Tolerance[];
  readonly isMidstream: boolean;
}

/** Leads connections through the inspection, as replay does, and notes each request that it would refuse. */
export function createWatcher(collector: SightingsCollector): (watched: Watched) => ReplayedConnection {
  const servers = createReplayedServers();
  /** Without limits of pace: a request that came too fast would not be judged by what it says. */
  const profiles = new Map<ModbusProfile, ModbusProfile>();

  function profileFor(profile: ModbusProfile): ModbusProfile {
    const made = profiles.get(profile) ?? { ...profile, limits: NoLimits };
    profiles.set(profile, made);
    return made;
  }

  return (watched) => {
    const { ends, device: modbus, tolerances, isMidstream } = watched;
    const server = servers.of(ends.server, modbus);
    const profile = profileFor(watched.profile);
    server.device.watch(profile, Number.NEGATIVE_INFINITY);
    const terms: InspectionTerms = {
      profile,
      tolerances,
      auditUntil: Number.POSITIVE_INFINITY,
      auditMalformed: true,
    };
    const traffic = server.trafficOf(watched.flow === '' ? keyOf(ends) : watched.flow);
    const parts = { terms, device: server.device, traffic, wake: () => {} };
    const isRtu = modbus.framing === 'rtu';
    const notebook = createNotebook(watched, isRtu, collector);
    const replay = {
      terms,
      outstanding: Number.POSITIVE_INFINITY,
      isMidstream,
      inspect: (sink: InspectionSink) =>
        isRtu ? createRtuInspection({ ...parts, sink }) : createInspection({ ...parts, sink }),
      sink: notebook.sink,
      preview: notebook.handed,
      notes: { resynced: () => {}, unmatched: () => {}, heldBack: () => {} },
    };
    const connection = isRtu ? createReplayedRtuConnection(replay) : createReplayedConnection(replay);
    return {
      ...connection,
      end: () => {
        connection.end();
        notebook.end();
      },
    };
  };
}

/** Requests of one connection, until it is known whether they were answered. */
function createNotebook(
  { ends, flow, reason: ofWay }: Watched,
  isRtu: boolean,
  collector: SightingsCollector,
) {
  /** Handed to the inspection and not decided yet. */
  const handed: { readonly adu: Uint8Array; readonly at: number }[] = [];
  /** Refused and not answered yet, by the client's identifier. */
  const waiting = new Map<number, Noted[]>();
  let waits = 0;

  function decided(reason: Reason | undefined): void {
    const next = handed.shift();
    if (next === undefined) return;
    const { adu, at } = next;
    collector.pace({ ...ends, flow }, at);
    const request = createRequest();
    if (reason === undefined || parseRequest(adu, 0, adu.length, request) !== 'request') return;
    const id = isRtu ? 0 : wordAt(adu, 0);
    const noted = { at, request: { ...ends, flow, reason: ofWay ?? reason, ...partsOf(request) } };
    waiting.set(id, [...(waiting.get(id) ?? []), noted]);
    waits++;
    if (waits > MostWaiting) end();
  }

  function answered(bytes: Uint8Array): void {
    const id = isRtu ? 0 : wordAt(bytes, 0);
    const [first, ...others] = waiting.get(id) ?? [];
    if (first === undefined) return;
    if (others.length === 0) waiting.delete(id);
    else waiting.set(id, others);
    waits--;
    const code = byteAt(bytes, isRtu ? RtuFunctionOffset : FunctionOffset);
    note(first, code >= ExceptionBit ? 'exception' : 'data');
  }

  function note({ request, at }: Noted, answer: RequestSeen['answer']): void {
    collector.request({ ...request, answer }, { count: 1, firstAt: at, lastAt: at });
  }

  function end(): void {
    for (const noted of [...waiting.values()].flat()) note(noted, 'none');
    waiting.clear();
    waits = 0;
  }

  const sink: InspectionSink = {
    toServer: () => {},
    toClient: (bytes, _length, by) => {
      if (by === 'server') answered(bytes);
    },
    decided: (_code, _unit, _outcome, reason) => decided(reason),
    refused: () => {},
    quarantined: () => {},
    tolerated: () => {},
    close: () => {},
  };
  return { sink, end, handed: (adu: Uint8Array, at: number) => void handed.push({ adu: adu.slice(), at }) };
}

interface Noted {
  readonly at: number;
  readonly request: Omit<RequestSeen, 'answer'>;
}

function partsOf(
  request: Request,
): Pick<RequestSeen, 'unit' | 'functionCode' | 'subFunction' | 'span' | 'words'> {
  const { unit, functionCode, subFunction, readAddress, readQuantity, writeAddress, writeQuantity } = request;
  const [first, quantity] = writes(request) ? [writeAddress, writeQuantity] : [readAddress, readQuantity];
  const words = Array.from({ length: writeQuantity }, (_, index) => writtenWord(request, index));
  return {
    unit,
    functionCode,
    subFunction,
    span: quantity === 0 ? undefined : { first, last: first + quantity - 1 },
    words: words.some((word) => word < 0) ? undefined : words,
  };
}

const RtuFunctionOffset = 1;
const MostWaiting = 4096;

/** None at all, as far as there can be none. */
export const NoLimits: ModbusLimits = {
  aduPerSecond: 0,
  outstanding: 512,
  outstandingPerUnit: 512,
  requestTimeout: 60_000,
  connectionsPerSource: 0,
  exceptionsPerMinute: 0,
  readAddressesPerMinute: 0,
  readWordsPerMinute: 0,
};
