import { execFile } from 'node:child_process';
import type { TableState } from './watchdog-decision.ts';

/**
 * Judges what `nft -j list chains` printed: in our table, input, forward and output each have a
 * base chain that drops what no rule accepts. This is the floor under every policy and needs to know none,
 * so it can be looked at without the engine; whether the rules are the bundle's is the engine's read-back.
 */
export function judgeChains(listing: string): TableState {
  const chains = readChains(listing);
  if (chains === undefined) return 'unknown';
  const guarded = (hook: string): boolean => chains.some((chain) => isDroppingBaseChain(chain, hook));
  return Hooks.every(guarded) ? 'right' : 'wrong';
}

/** Asks the kernel through `nft`, 5 s at most. Never throws: a look that fails is `unknown`. */
export function lookAtKernelTable(nft = '/usr/sbin/nft'): Promise<TableState> {
  return new Promise((resolve) => {
    execFile(nft, ['-j', 'list', 'chains'], { timeout: 5000, maxBuffer: 16_777_216 }, (error, stdout) =>
      resolve(error === null ? judgeChains(stdout) : 'unknown'),
    );
  });
}

function readChains(listing: string): readonly object[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(listing);
  } catch {
    return undefined;
  }
  const list: unknown = field(value, 'nftables');
  if (!Array.isArray(list)) return undefined;
  return list.map((entry) => field(entry, 'chain')).filter((chain) => isObject(chain));
}

function isDroppingBaseChain(chain: object, hook: string): boolean {
  return (
    field(chain, 'family') === 'inet' &&
    field(chain, 'table') === Table &&
    field(chain, 'type') === 'filter' &&
    field(chain, 'hook') === hook &&
    field(chain, 'policy') === 'drop'
  );
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The engine's table, and the boot-time drop's, which it replaces. */
const Table = 'penstock';
const Hooks = ['input', 'forward', 'output'] as const;
