import { GatewayError } from '../../errors.ts';
import { assertSound, execute, type FakeKernel, list } from './fake-kernel.ts';
import type { Nft, NftCommand, NftObject } from './nft.ts';

/**
 * An {@link Nft} in memory that behaves: it keeps tables, applies transactions wholly or not at all, and
 * lists what it holds in the kernel's order. For tests; it filters nothing.
 */
export interface FakeNft extends Nft {
  /** Makes the next `times` transactions fail: refused by the kernel, or the child dies before or after. */
  readonly failNext: (how: Failure, times?: number) => void;
  /** Changes every listed object from now on, as another program or a library's quirk would. */
  readonly distort: (change: ((object: NftObject) => NftObject) | undefined) => void;
  /** Every transaction that was applied, oldest first; a restored snapshot counts as `'restored'`. */
  readonly transactions: readonly Transaction[];
  readonly tables: () => readonly string[];
}

export type Failure = 'refused' | 'died-before' | 'died-after';
export type Transaction = readonly NftCommand[] | 'restored';

/** An empty kernel. */
export function createFakeNft(): FakeNft {
  let kernel: FakeKernel = new Map();
  let failures: Failure[] = [];
  let distortion: ((object: NftObject) => NftObject) | undefined;
  let distortions = 0;
  const transactions: Transaction[] = [];

  function transact(log: Transaction, change: (next: FakeKernel) => void): void {
    const failure = failures.shift();
    if (failure === 'refused') throw new GatewayError('PST_ERR_NFT_APPLY', 'The library says: by the test');
    if (failure === 'died-before') throw new GatewayError('PST_ERR_NFT_CHILD', 'It ended (SIGKILL).');
    kernel = tryOut(change);
    transactions.push(log);
    if (failure === 'died-after') throw new GatewayError('PST_ERR_NFT_CHILD', 'It ended (SIGKILL).');
  }

  function tryOut(change: (next: FakeKernel) => void): FakeKernel {
    const next = structuredClone(kernel);
    change(next);
    assertSound(next);
    return next;
  }

  const runAll = (commands: readonly NftCommand[]) => (next: FakeKernel) => {
    for (const command of commands) execute(next, command);
  };

  return {
    check: async (commands) => void tryOut(runAll(commands)),
    apply: async (commands) => transact(commands, runAll(commands)),
    listTable: async (table) => {
      const objects = kernel.get(table);
      if (objects === undefined) return undefined;
      return list(objects, table).map((object) => distortion?.(object) ?? object);
    },
    generation: async () => transactions.length + distortions,
    snapshot: async (table) => {
      const objects = kernel.get(table);
      return objects === undefined ? undefined : { table, text: JSON.stringify(objects) };
    },
    restore: async ({ table, text }) => transact('restored', (next) => next.set(table, JSON.parse(text))),
    state: () => 'up',
    close: () => undefined,
    failNext: (how, times = 1) => {
      failures = Array<Failure>(times).fill(how);
    },
    distort: (change) => {
      distortions += 1;
      distortion = change;
    },
    transactions,
    tables: () => [...kernel.keys()],
  };
}
