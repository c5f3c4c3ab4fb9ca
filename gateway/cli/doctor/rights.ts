import { readFileSync } from 'node:fs';
import { type Check, good, lacking } from './check.ts';

/** A capability of capabilities(7) that doctor asks about, by its bit. */
export const Capabilities = {
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_SETPCAP: 8,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_SYS_ADMIN: 21,
} as const;
export type Capability = keyof typeof Capabilities;

/** What this process may do. */
export interface Rights {
  readonly isRoot: boolean;
  readonly effective: ReadonlySet<Capability>;
}

/** The rights of this process, from the kernel and not from the user name: a container’s root may have none. */
export function readRights(status: string = readFileSync('/proc/self/status', 'utf8')): Rights {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(status)?.[1];
  const held = (Object.keys(Capabilities) as Capability[]).filter(
    (name) => ((mask >> BigInt(Capabilities[name])) & 1n) === 1n,
  );
  return { isRoot: uid === '0', effective: new Set(held) };
}

/** Whether `penstock run` could hand every process of the kernel back end its rights. */
export function checkRights({ isRoot, effective }: Rights): Check {
  const missing = StarterNeeds.filter((name) => !effective.has(name));
  const what = 'Rights of this user';
  if (isRoot && missing.length === 0) return good('rights', what, 'root, with all that is handed out');
  const found = isRoot ? `root without ${missing.join(', ')}` : 'not root';
  return lacking(
    'rights',
    what,
    found,
    'kernel',
    'The kernel back end is started by root, which hands each process its rights and no more.',
    isRoot ? `Give this container ${missing.join(', ')}.` : 'Run it as root, or as the systemd units do.',
  );
}

const StarterNeeds: readonly Capability[] = [
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETUID',
  'CAP_SETGID',
  'CAP_SETPCAP',
];
