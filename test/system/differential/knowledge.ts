import type { ValueRule } from '../../../rules/modbus/profile.ts';
import type { TestGiven } from '../../../rules/policy-test.ts';
import type { HonestServer } from '../../rules/modbus/fuzz/honest-server.ts';
import type { NaiveRequest } from '../../rules/modbus/fuzz/naive-request.ts';

/** What a gateway has seen a server hold, as the givens of a test. */
export interface Knowledge {
  /** Something reached the server and was answered. */
  readonly note: (request: NaiveRequest, server: HonestServer) => void;
  readonly given: (unit: number, typed: ValueRule | undefined) => Pick<TestGiven, 'last' | 'read'>;
  /**
   * What an interlock waits for was written, which is no reading; or a mask was, which leaves a step without a last
   * value and with one last sent. No given says either.
   */
  readonly isUnsure: () => boolean;
}

/** Keeps what the steps and interlocks of `random-profile.ts` are judged by. */
export function createKnowledge(): Knowledge {
  const stepped = new Map<number, number>();
  const read = new Map<string, TestGiven['read'][number]>();
  let isUnsure = false;

  function note({ unit, functionCode, reads, writes, masks }: NaiveRequest, server: HonestServer): void {
    if (unit !== Unit) return;
    // A queue's pointer is no register that is read.
    const seen = functionCode === 24 ? [] : reads;
    for (const { table, address, quantity } of [...seen, ...writes]) {
      for (let at = address; at < address + quantity; at++) {
        if (table !== 'holdings' || at < Stepped.first || at > Stepped.last) continue;
        stepped.set(at, server.holds(unit, table, at));
        isUnsure ||= masks !== undefined;
      }
    }
    for (const { code, table, address: at } of Interlocking) {
      const isIn = ({ table: which, address, quantity }: (typeof reads)[number]) =>
        which === table && address <= at && at < address + quantity;
      if (seen.some(isIn))
        read.set(table, { functionCode: code, address: at, value: server.holds(unit, table, at) });
      isUnsure ||= writes.some(isIn);
    }
  }

  function given(unit: number, typed: ValueRule | undefined): Pick<TestGiven, 'last' | 'read'> {
    const isPlain = typed === undefined || typed.type === 'u16';
    const last = [...stepped].map(([address, value]) => ({ address, value }));
    return { last: unit === Unit && isPlain ? last : [], read: [...read.values()] };
  }

  return { note, given, isUnsure: () => isUnsure };
}

const Unit = 1;
const Stepped = { first: 50, last: 59 };
const Interlocking = [
  { code: 2, table: 'discretes', address: 13 },
  { code: 3, table: 'holdings', address: 90 },
] as const;
