import { pidsOf, processesIn } from '../plant/namespaces/processes.ts';

/** Processes of the gateway that may be lost: all but the one that starts them again. */
export const Kinds = ['engine', 'inspector', 'front', 'nft child', 'drop reader'] as const;
export type Kind = (typeof Kinds)[number];

/** Those running in a namespace now. */
export async function processesByKind(namespace: string): Promise<Readonly<Record<Kind, readonly number[]>>> {
  const all = await processesIn(namespace);
  return {
    engine: pidsOf('engine', all),
    inspector: pidsOf('inspector', all),
    front: pidsOf('front', all),
    'nft child': pidsOf('nft child', all),
    'drop reader': pidsOf('drop reader', all),
  };
}
