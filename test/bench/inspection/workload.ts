import type { ModbusPermission, ModbusProfile } from '../../../rules/modbus/profile.ts';
import { permit, profileOf } from '../../rules/modbus/builders.ts';
import { createDraw } from '../../system/clients/transcript.ts';

/**
 * One kind of traffic: one request asked at many places over and over again, and its answer. A whole ADU
 * each, as from a buffer that was just received into: not from memory as large as all requests together.
 */
export interface Workload {
  readonly name: string;
  readonly request: Uint8Array;
  /** `undefined` where every request is refused. */
  readonly answer: Uint8Array | undefined;
  /** Where the starting address belongs in the two, or 0 where the answer has none. */
  readonly addressAt: { readonly request: number; readonly answer: number };
  readonly places: Uint16Array;
  /** The same traffic passes, or is refused, under any number of rules. */
  readonly profile: (rules: number) => ModbusProfile;
}

export const Patterns = ['scattered', 'polled'] as const;
export type Pattern = (typeof Patterns)[number];

/** Numbers of rules compared; the first is what the others are measured against. */
export const RuleCounts = [1, 100, 10_000] as const;

/**
 * Reads, writes and refused writes over 60 000 registers. Every request begins in another one of 10 000
 * blocks of six registers and stays inside its block, and 1, 100 or 10 000 permissions cover the blocks in
 * equal shares, so that each permission decides equally many requests. `scattered` jumps about in all
 * blocks, so that neither a page of the index nor a permission was used just before; `polled` asks for 512
 * neighbouring blocks in their order, over and over, as a SCADA client does.
 */
export function workloads(pattern: Pattern): readonly Workload[] {
  const places = Uint16Array.from(pattern === 'scattered' ? scattered() : polled());
  const plain = (functionCode: number) => (rules: number) => profileOf(shares(rules, functionCode), Limits);
  const guarded = (functionCode: number) => (rules: number) =>
    profileOf(shares(rules, functionCode, Guards), Limits);
  const judged = (functionCode: number) => (rules: number) =>
    profileOf(shares(rules, functionCode, { values: [UpTo1000] }), Limits);
  const budgeted = (rules: number) =>
    profileOf(shares(rules, 3), { ...Limits, readAddressesPerMinute: 60_000, readWordsPerMinute: 1_000_000 });
  const read = { request: adu(3, 0, 4), answer: adu8(3, 8, 0, 1, 0, 2, 0, 3, 0, 4), places };
  const inBoth = { request: FirstWord, answer: FirstWord };
  const inRequest = { request: FirstWord, answer: 0 };
  return [
    { name: 'FC 3 read', ...read, addressAt: inRequest, profile: plain(3) },
    { name: 'FC 3, read budget', ...read, addressAt: inRequest, profile: budgeted },
    {
      name: 'FC 16, value rule',
      request: adu8(16, 0, 0, 0, 4, 8, 0, 1, 0, 2, 0, 3, 0, 4),
      answer: adu(16, 0, 4),
      addressAt: inBoth,
      places,
      profile: judged(16),
    },
    {
      name: 'FC 6, step and rates',
      request: adu(6, 0, 7),
      answer: adu(6, 0, 7),
      addressAt: inBoth,
      places,
      profile: guarded(6),
    },
    {
      name: 'FC 22, value rule',
      request: adu(22, 0, 0x00f2, 0x0025),
      answer: adu(22, 0, 0x00f2, 0x0025),
      addressAt: inBoth,
      places,
      profile: judged(22),
    },
    {
      name: 'FC 6, refused',
      request: adu(6, 0, 1001),
      answer: undefined,
      addressAt: inRequest,
      places,
      profile: judged(6),
    },
  ];
}

/** Behind the MBAP header and the function code. */
const FirstWord = 8;

const Blocks = 10_000;
const BlockLength = 6;

/** Different places of a workload at most. */
export const MostRequests = 8192;
const Polled = 512;

/** First addresses in blocks all different, each leaving room for four registers. */
function scattered(): readonly number[] {
  const draw = createDraw(1);
  const blocks = Array.from({ length: Blocks }, (_, index) => index);
  return Array.from({ length: MostRequests }, (_, index) => {
    const other = index + draw(Blocks - index);
    const block = blocks[other] ?? 0;
    blocks[other] = blocks[index] ?? 0;
    return block * BlockLength + draw(3);
  });
}

function polled(): readonly number[] {
  return Array.from({ length: Polled }, (_, index) => (5000 + index) * BlockLength);
}

function shares(
  rules: number,
  functionCode: number,
  rest: Partial<ModbusPermission> = {},
): readonly ModbusPermission[] {
  const size = (Blocks / rules) * BlockLength;
  return Array.from({ length: rules }, (_, index) => {
    const addresses = [{ first: index * size, last: (index + 1) * size - 1 }];
    return permit([functionCode], { id: `bench/${index + 1}`, addresses, ...rest });
  });
}

const UpTo1000 = {
  type: 'u16',
  words: 'big',
  bytes: 'big',
  bits: undefined,
  min: 0,
  max: 1000,
  allowed: [],
} as const;

/** Every write is judged against the last one to its register, its interval and its budget. */
const Guards: Partial<ModbusPermission> = {
  values: [UpTo1000],
  step: { max: 10, maxPerMinute: 1000, noOlderThan: 0 },
  minInterval: 1,
  writesPerMinute: 60_000,
  unknown: 'allow',
};

/** All limits are on and none is reached. */
const Limits = { aduPerSecond: 2000, outstanding: 512, exceptionsPerMinute: 1_000_000 };

function adu(functionCode: number, ...words: readonly number[]): Uint8Array {
  return adu8(functionCode, ...words.flatMap((word) => [hi(word), lo(word)]));
}

function adu8(...pdu: readonly number[]): Uint8Array {
  return Uint8Array.of(0x12, 0x34, 0, 0, 0, pdu.length + 1, 1, ...pdu);
}

function hi(word: number): number {
  return word >> 8;
}

function lo(word: number): number {
  return word & 0xff;
}
