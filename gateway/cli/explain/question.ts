import { didYouMean } from '../../../policy/model/suggest.ts';
import type { StatedRequest } from '../../../rules/evaluate/build-request.ts';
import type { TestGiven } from '../../../rules/policy-test.ts';
import { UsageError } from '../output.ts';
import { parseRequest, RequestWords } from './request-words.ts';

/** What is asked: who to whom, what, and under which circumstances. */
export interface Asked {
  /** Names of assets, or addresses. */
  readonly client: string;
  readonly server: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp-echo';
  /** 0 for `icmp-echo`. */
  readonly port: number;
  /** `undefined` where the question is about the way alone. */
  readonly request: StatedRequest | undefined;
  /** `at` is a time as written; now, where it is not said. */
  readonly given: Omit<TestGiven, 'at' | 'session'> & {
    readonly at: string | undefined;
    /** The vendor whose session is granted. */
    readonly session: string | undefined;
  };
}

/**
 * Reads `scada-1 -> plc-dosing modbus unit=1 fc=6 address=140 value=20 last=140:18 read=2.12:1`, or
 * `bi-server -> hist-replica tcp/443`. @throws UsageError saying what is wrong with the words
 */
export function parseQuestion(text: string): Asked {
  const [client, arrow, server, what, ...rest] = text.trim().split(/\s+/);
  if (server === undefined || what === undefined || (arrow !== '->' && arrow !== '→')) throw wrong(text);
  const way = parseWay(what);
  const words = new Map(rest.map(parseWord));
  const isModbus = what.startsWith('modbus');
  const known = isModbus ? [...RequestWords, ...GivenWords] : ['at', 'mode', 'session'];
  for (const word of words.keys()) {
    if (known.includes(word)) continue;
    throw new UsageError(`${word}= means nothing here.`, didYouMean(word, known, 'words'));
  }
  const given = {
    mode: words.get('mode') ?? 'normal',
    at: words.get('at'),
    session: words.get('session'),
    last: pairs(words, 'last', /^(\d{1,5})$/).map(({ key, value }) => ({ address: Number(key[1]), value })),
    read: pairs(words, 'read', /^([1-4])\.(\d{1,5})$/).map(({ key, value }) => ({
      functionCode: Number(key[1]),
      address: Number(key[2]),
      value,
    })),
  };
  const request = RequestWords.some((word) => words.has(word)) ? parseRequest(words) : undefined;
  return { client: client ?? '', server, ...way, request, given };
}

function parseWay(text: string): Pick<Asked, 'protocol' | 'port'> {
  if (text === 'icmp-echo' || text === 'ping') return { protocol: 'icmp-echo', port: 0 };
  const [, name = '', number] = /^(modbus|tcp|udp)(?:\/(\d{1,5}))?$/.exec(text) ?? [];
  const port = Number(number ?? (name === 'modbus' ? ModbusPort : 0));
  if (port < 1 || port > 65535) {
    throw new UsageError(
      `${text} is no service.`,
      'Write modbus, modbus/1502, tcp/443, udp/514 or icmp-echo.',
    );
  }
  return { protocol: name === 'udp' ? 'udp' : 'tcp', port };
}

function parseWord(text: string): readonly [string, string] {
  const [, word, value] = /^([a-z_]+)=(\S+)$/.exec(text) ?? [];
  if (word !== undefined && value !== undefined) return [word, value];
  throw new UsageError(`${text} means nothing here.`, 'Write what it is and what it is to be, as unit=1.');
}

/** `140:18,141:5`. */
function pairs(
  words: ReadonlyMap<string, string>,
  word: string,
  form: RegExp,
): readonly { readonly key: RegExpExecArray; readonly value: number }[] {
  return (words.get(word)?.split(',') ?? []).map((text) => {
    const [left = '', right = ''] = text.split(':');
    const key = form.exec(left);
    const value = right === '' ? Number.NaN : Number(right);
    if (key !== null && Number.isFinite(value)) return { key, value };
    const example = word === 'last' ? 'last=140:18' : 'read=2.12:1, function code and address first';
    throw new UsageError(`${word}=${text} cannot be read.`, `Write ${example}.`);
  });
}

function wrong(text: string): UsageError {
  return new UsageError(
    text.trim() === '' ? 'Nothing is asked.' : `${text} is no question.`,
    "Write it as 'hmi-1 -> plc-dosing modbus unit=1 fc=6 address=140 value=20' or 'bi-server -> siem tcp/443'.",
  );
}

const ModbusPort = 502;
const GivenWords: readonly string[] = ['last', 'read', 'at', 'mode', 'session'];
