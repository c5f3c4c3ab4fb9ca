import type { InspectionSink } from '../../../rules/modbus/connection/effect.ts';
import { createFlowTraffic } from '../../../rules/modbus/connection/flow-traffic.ts';
import { createInspection } from '../../../rules/modbus/connection/inspection.ts';
import { createDeviceState } from '../../../rules/modbus/device/device-state.ts';
import type { Workload } from './workload.ts';

/** An inspection with traffic at hand, between a client and a server that cost next to nothing. */
export interface Subject {
  /** Hands over so many requests, one ADU at a time; all must be answered before the next are asked. */
  readonly ask: (count: number, now: number) => void;
  /** Hands over the answers to all that were asked. */
  readonly answer: (now: number) => void;
  /** Asks so many and answers each before the next, as a client does that waits. */
  readonly exchange: (count: number, now: number) => void;
  /** Whether every request so far had the fate it was made for, and every answer reached the client. */
  readonly isSound: () => boolean;
}

/** Requests that may be under way at once. */
export const MostAsked = 512;

export function createSubject(workload: Workload, rules: number): Subject {
  const { places, addressAt, profile } = workload;
  const request = workload.request.slice();
  const response = workload.answer?.slice();
  const upstreamIds = new Uint16Array(MostAsked);
  let asked = 0;
  let toServer = 0;
  let toClient = 0;
  let refused = 0;
  let other = 0;
  let cursor = 0;
  let total = 0;
  const sink: InspectionSink = {
    toServer(bytes) {
      upstreamIds[toServer % MostAsked] = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      toServer += 1;
    },
    toClient() {
      toClient += 1;
    },
    decided() {},
    refused() {
      refused += 1;
    },
    quarantined() {
      other += 1;
    },
    tolerated() {
      other += 1;
    },
    close() {
      other += 1;
    },
  };
  const inspection = createInspection({
    terms: { profile: profile(rules), tolerances: [], auditUntil: 0, auditMalformed: false },
    device: createDeviceState('direct'),
    traffic: createFlowTraffic(),
    sink,
    wake: () => {},
  });

  function ask(count: number, now: number): void {
    for (let index = 0; index < count; index++) {
      putWord(request, addressAt.request, placeAt(index));
      inspection.fromClient(request, now);
    }
    asked = count;
  }

  function answer(now: number): void {
    const first = toServer - asked;
    for (let index = 0; response !== undefined && index < asked; index++) {
      putWord(response, 0, upstreamIds[(first + index) % MostAsked] ?? 0);
      if (addressAt.answer > 0) putWord(response, addressAt.answer, placeAt(index));
      inspection.fromServer(response, now);
    }
    cursor = (cursor + asked) % places.length;
    total += asked;
    asked = 0;
  }

  function placeAt(index: number): number {
    return places[(cursor + index) % places.length] ?? 0;
  }

  function exchange(count: number, now: number): void {
    for (let index = 0; index < count; index++) {
      ask(1, now);
      answer(now);
    }
  }

  function isSound(): boolean {
    const passed = response === undefined ? refused === total && toServer === 0 : toServer === total;
    return other === 0 && passed && toClient === total;
  }

  return { ask, answer, exchange, isSound };
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >> 8;
  bytes[at + 1] = word & 0xff;
}
