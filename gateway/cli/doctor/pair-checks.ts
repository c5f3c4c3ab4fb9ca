import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PairSet } from '../../../policy/compile/nft/pair-chains.ts';
import type { Policy } from '../../../rules/policy.ts';
import { type Check, good, note } from './check.ts';

/**
 * Whether a box that the policy makes one of a pair has what makes it one: hardware/pair. 62443-3-3 SR 7.1.
 * @param root where the system's `/etc` and `/usr` are
 */
export function checkPair({ nft }: Pick<Policy, 'nft'>, root = '/'): readonly Check[] {
  const [code, what] = ['pair', 'Pair'] as const;
  if (!nft.includes(`"name":"${PairSet}"`)) return [];
  const wanted = [...Needed, ...scriptsOf(join(root, KeepalivedConfig))];
  const missing = wanted.filter((path) => !existsSync(join(root, path)));
  if (missing.length === 0) return [good(code, what, 'keepalived and conntrackd are set up')];
  return [
    note(
      code,
      what,
      `missing: ${missing.join(', ')}`,
      'This box looks like one that stands by, and takes nothing over as it should.',
      'Set it up as hardware/pair/README.md says.',
    ),
  ];
}

/** keepalived goes on without a script that it does not find. */
function scriptsOf(file: string): readonly string[] {
  try {
    return [...new Set(readFileSync(file, 'utf8').match(/(?<=")\/[^ "]+/g))];
  } catch {
    return []; // it is told to be missing, or is not for this user
  }
}

const KeepalivedConfig = '/etc/keepalived/keepalived.conf';
const Needed = [
  '/usr/sbin/keepalived',
  '/usr/sbin/conntrackd',
  KeepalivedConfig,
  '/etc/conntrackd/conntrackd.conf',
];
