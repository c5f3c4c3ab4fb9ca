import { pcap, talk, type WrittenPacket } from '../capture/write-capture.ts';
import { modbusTalk } from './captures.ts';

const Start = 1_700_000_000_000;
const Minute = 60_000;

/** Packets of several connections in the order of their times. */
export function captureOf(...connections: readonly (readonly WrittenPacket[])[]): Uint8Array {
  return pcap(connections.flat().toSorted((one, other) => one.at - other.at));
}

/** The same exchanges again and again, a minute apart, on one connection for each. */
export function modbusTimes(
  times: number,
  ends: { readonly client: string; readonly server: string },
  exchanges: (time: number) => readonly (readonly [string, string])[],
): readonly WrittenPacket[] {
  return Array.from({ length: times }, (_, time) => {
    const { shake, exchange, part } = modbusTalk({
      ...ends,
      clientPort: 40_000 + time,
      from: Start + time * Minute,
    });
    return [shake(), exchanges(time).map((one) => exchange(...one)), part()].flat(2);
  }).flat();
}

/** Connections that carry something else, answered or not. */
export function plainTimes(
  times: number,
  ends: { readonly client: string; readonly server: string; readonly serverPort: number },
  isAnswered = true,
): readonly WrittenPacket[] {
  return Array.from({ length: times }, (_, time) => {
    const { shake, client, server, part } = talk({
      ...ends,
      clientPort: 41_000 + time,
      from: Start + time * Minute,
    });
    if (!isAnswered) return shake().slice(0, 1);
    return [shake(), client.say(Hello), server.say(Hello), part()].flat();
  }).flat();
}

export function read(code: number, address: number, quantity: number): readonly [string, string] {
  const bytes = code < 3 ? Math.ceil(quantity / 8) : 2 * quantity;
  return [
    `${hex(code, 2)} ${hex(address)} ${hex(quantity)}`,
    `${hex(code, 2)} ${hex(bytes, 2)} ${'00'.repeat(bytes)}`,
  ];
}

export function writeOne(address: number, value: number): readonly [string, string] {
  const request = `06 ${hex(address)} ${hex(value)}`;
  return [request, request];
}

export function writeMany(address: number, words: readonly number[]): readonly [string, string] {
  const head = `10 ${hex(address)} ${hex(words.length)}`;
  return [`${head} ${hex(2 * words.length, 2)} ${words.map((word) => hex(word)).join('')}`, head];
}

/** The two registers of a number of 32 bits, most significant first. */
export function float(value: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}

/** Any answer to a request of a permission that does not matter here. */
export function refusedBy(request: string, code: number): readonly [string, string] {
  return [request, `${hex(Number.parseInt(request.slice(0, 2), 16) | 0x80, 2)} ${hex(code, 2)}`];
}

function hex(value: number, digits = 4): string {
  return value.toString(16).padStart(digits, '0');
}

const Hello = new TextEncoder().encode('hello');
