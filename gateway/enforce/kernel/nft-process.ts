import { join } from 'node:path';
import { GatewayError } from '../../errors.ts';
import { keepChild } from './kept-child.ts';
import type { Nft, NftCommand, NftObject } from './nft.ts';
import { isNftAnswer, type NftAnswer, type NftRequest } from './nft-protocol.ts';

/**
 * The real {@link Nft}: keeps the nft child running and asks it one thing at a time. When the child dies the
 * request in flight fails and the next one waits for the new child.
 * @param onDeath told how the child ended, unless by {@link Nft.close}
 * @param script what to run instead of the child proper; for tests
 */
export function startNft(onDeath: (how: string) => void, script: string = ChildScript): Nft {
  let pending: Pending | undefined;
  let up = false;
  let closed = false;
  let unusable = '';
  let lastId = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const waiting: (() => void)[] = [];

  const child = keepChild(() => ({ program: process.execPath, arguments: [script] }), {
    started: () => {
      up = true;
      for (const proceed of waiting.splice(0)) proceed();
    },
    message: (message) => {
      if (isNftAnswer(message)) return take(message);
      return false;
    },
    ended: (how) => {
      up = false;
      if (!closed) onDeath(how);
      pending?.reject(
        unusable === ''
          ? new GatewayError('PST_ERR_NFT_CHILD', `It ended (${how}).`)
          : new GatewayError('PST_ERR_NFT_LIBRARY', `(${unusable})`),
      );
      pending = undefined;
    },
  });

  function take(answer: NftAnswer): boolean {
    if (answer.kind === 'unusable') {
      unusable = answer.problem;
      return true;
    }
    if (pending?.id !== answer.id) return false;
    const { resolve, reject } = pending;
    pending = undefined;
    unusable = '';
    if (answer.kind === 'done') resolve(answer.output);
    else reject(refusal(answer.problem));
    return true;
  }

  function ask(request: Unnumbered): Promise<string> {
    const asked = turn.then(async () => {
      if (!up && !closed) await new Promise<void>((proceed) => waiting.push(proceed));
      if (closed) throw new GatewayError('PST_ERR_NFT_CHILD', 'It was stopped.');
      return send(request);
    });
    turn = asked.catch(() => undefined);
    return asked;
  }

  function send(request: Unnumbered): Promise<string> {
    lastId += 1;
    const id = lastId;
    return new Promise<string>((resolve, reject) => {
      const silence = setTimeout(child.kill, Patience);
      const quiet = (): void => clearTimeout(silence);
      pending = {
        id,
        resolve: (output) => {
          quiet();
          resolve(output);
        },
        reject: (error) => {
          quiet();
          reject(error);
        },
      };
      child.send({ ...request, id });
    });
  }

  async function list(what: NftObject): Promise<readonly NftObject[]> {
    return readListing(await ask({ kind: 'list', command: batch([{ list: what }]), form: 'json' }));
  }

  async function exists(table: string): Promise<boolean> {
    return (await list({ tables: { family: 'inet' } })).some((object) => isNamed(object['table'], table));
  }

  return {
    check: async (commands) => void (await ask({ kind: 'check', json: batch(commands) })),
    apply: async (commands) => void (await ask({ kind: 'apply', json: batch(commands) })),
    listTable: async (table) =>
      (await exists(table)) ? list({ table: { family: 'inet', name: table } }) : undefined,
    generation: async () => Number(await ask({ kind: 'generation' })),
    snapshot: async (table) => {
      if (!(await exists(table))) return undefined;
      return { table, text: await ask({ kind: 'list', command: `list table inet ${table}`, form: 'text' }) };
    },
    restore: async ({ table, text }) => {
      await ask({ kind: 'restore', text: `add table inet ${table}\ndelete table inet ${table}\n${text}\n` });
    },
    state: () => (up && unusable === '' ? 'up' : 'down'),
    close: () => {
      closed = true;
      child.close();
      for (const proceed of waiting.splice(0)) proceed();
    },
  };
}

interface Pending {
  readonly id: number;
  readonly resolve: (output: string) => void;
  readonly reject: (error: GatewayError) => void;
}

type Unnumbered = NftRequest extends infer One ? (One extends unknown ? Omit<One, 'id'> : never) : never;

function batch(commands: readonly NftCommand[]): string {
  return JSON.stringify({ nftables: commands });
}

/** A listing's objects without the `metainfo` in front. */
function readListing(output: string): readonly NftObject[] {
  // libnftables prints nothing at all where there is nothing to list.
  if (output.trim() === '') return [];
  const { nftables } = JSON.parse(output) as { readonly nftables: readonly NftObject[] };
  return nftables.filter((object) => !('metainfo' in object));
}

function isNamed(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === name;
}

function refusal(problem: string): GatewayError {
  const isForbidden = problem.includes('Operation not permitted');
  const code = isForbidden ? 'PST_ERR_CAPABILITY' : 'PST_ERR_NFT_APPLY';
  return new GatewayError(code, `The library says: ${firstWords(problem)}`);
}

function firstWords(problem: string): string {
  const [line = ''] = problem.split('\n');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** Longest the child may take for one request, milliseconds; 10 000 flows take a tenth of it on a slow box. */
const Patience = 30_000;

const ChildScript = join(import.meta.dirname, 'nft-child.ts');
