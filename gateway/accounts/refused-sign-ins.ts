import type { Act } from '../../rules/record/record.ts';

/** Failed sign-ins on record: each kind at once the first time, then counted together, so that no flood fills the log. */
export interface RefusedSignIns {
  /** `account` is empty where there is none of that name: what was typed may be a password. */
  readonly add: (account: string, source: string, why: string) => void;
  /** Writes what was counted; every {@link FoldTime}. */
  readonly flush: () => void;
}

/** Milliseconds over which equal ones are counted together. */
export const FoldTime = 60_000;

/** Kinds told apart within that time; the rest is one. Acts are never given up for room. */
export const MostKinds = 32;

export function createRefusedSignIns(note: (act: Act) => void): RefusedSignIns {
  const counts = new Map<string, { account: string; source: string; why: string; count: number }>();

  return {
    add: (account, source, why) => {
      const full = counts.size >= MostKinds;
      const own = `${account} ${source} ${why}`;
      const key = counts.has(own) || !full ? own : '';
      const counted = counts.get(key);
      if (counted !== undefined) counted.count += 1;
      else if (key === '') counts.set(key, { account: '', source: 'many', why: 'many kinds', count: 1 });
      else {
        counts.set(key, { account, source, why, count: 0 });
        note({ kind: 'signInRefused', account, source, why, count: 1 });
      }
    },
    flush: () => {
      for (const one of counts.values()) if (one.count > 0) note({ kind: 'signInRefused', ...one });
      counts.clear();
    },
  };
}
