import { toRtu } from '../../../rules/modbus/rtu/rtu.ts';
import { bytesOf, type Talk, talk, type WrittenPacket, word } from '../capture/write-capture.ts';

/** An ADU for unit 1, or another: identifier, and what follows the unit in hexadecimal. */
export function adu(id: number, pdu: string, unit = 1): Uint8Array {
  const bytes = Buffer.from(pdu.replaceAll(' ', ''), 'hex');
  return bytesOf(word(id), [0, 0], word(bytes.length + 1), unit, bytes);
}

/** The same as an RTU frame, with its check. */
export function frame(pdu: string, unit = 1): Uint8Array {
  const mbap = adu(0, pdu, unit);
  const out = new Uint8Array(260);
  return out.slice(0, toRtu(mbap, mbap.length, out));
}

/** A client's Modbus connection under construction: each exchange is two packets. */
export interface ModbusTalk extends Talk {
  /** Asks and has the server answer, under identifiers that count up from 1. */
  exchange(request: string, answer: string): readonly WrittenPacket[];
}

/** `scada-1` to `plc-dosing`, unless said otherwise. */
export function modbusTalk(options: Parameters<typeof talk>[0] = {}): ModbusTalk {
  const made = talk(options);
  let id = 0;
  return {
    ...made,
    exchange(request, answer) {
      id++;
      return [made.client.say(adu(id, request)), made.server.say(adu(id, answer))];
    },
  };
}

/** Reads register 140 of unit 1, which holds `value`. */
export function readDose(value: number): readonly [string, string] {
  return ['03 008c 0001', `03 02 ${value.toString(16).padStart(4, '0')}`];
}

/** Writes register 140 of unit 1; the server does it. */
export function writeDose(value: number): readonly [string, string] {
  const write = `06 008c ${value.toString(16).padStart(4, '0')}`;
  return [write, write];
}
