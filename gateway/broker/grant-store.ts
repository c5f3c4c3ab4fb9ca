import { mkdirSync, readdirSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { readIfPresent, replaceDurably } from '../load/durable-file.ts';
import type { KeptGrant } from './grant-entry.ts';

/** Where grants survive restarts and power cuts: a file for each in the state directory. */
export interface GrantStore {
  /** Every grant that can be read, and the names of the files that cannot. */
  readonly load: () => { readonly grants: readonly KeptGrant[]; readonly unreadable: readonly string[] };
  /** Resolves when it is on the medium. One at a time of one grant. @throws GatewayError PST_ERR_STATE_DIR */
  readonly save: (kept: KeptGrant) => Promise<void>;
  /** Gives up what ended long ago; the evidence log keeps all that is to be proved. */
  readonly forget: (grant: string) => Promise<void>;
}

/** Where the directory cannot be made or read, nothing is found and nothing can be saved; the plant waits for neither. */
export function openGrantStore(state: string): GrantStore {
  const directory = join(state, 'access', 'grants');
  const fileOf = (grant: string): string => join(directory, `${grant}.json`);
  const make = (): void => void mkdirSync(directory, { recursive: true, mode: 0o700 });

  function namesIn(): readonly string[] | undefined {
    try {
      make();
      return readdirSync(directory).filter((file) => /^G-[A-Z0-9]+\.json$/.test(file));
    } catch {
      return undefined;
    }
  }

  return {
    load: () => {
      const grants: KeptGrant[] = [];
      const unreadable: string[] = [];
      const names = namesIn();
      if (names === undefined) return { grants, unreadable: [directory] };
      for (const name of names) {
        const kept = read(join(directory, name));
        if (kept === undefined) unreadable.push(name);
        else grants.push(kept);
      }
      return { grants, unreadable };
    },
    save: async (kept) => {
      const file = fileOf(kept.grant.asked.request.grant);
      try {
        make();
        await replaceDurably(file, Buffer.from(JSON.stringify(kept)), 0o600);
      } catch (cause) {
        throw new GatewayError('PST_ERR_STATE_DIR', file, cause);
      }
    },
    forget: async (grant) => {
      await unlink(fileOf(grant)).catch(() => undefined);
    },
  };
}

/** Written by us alone, and whole: what is of another release, or of nobody, is none. */
function read(file: string): KeptGrant | undefined {
  try {
    const bytes = readIfPresent(file);
    const kept = JSON.parse(Buffer.from(bytes ?? []).toString('utf8')) as Partial<KeptGrant> | null;
    const isWhole =
      kept?.format === 1 && typeof kept.grant?.phase === 'string' && Array.isArray(kept.channels);
    return isWhole ? (kept as KeptGrant) : undefined;
  } catch {
    return undefined;
  }
}
