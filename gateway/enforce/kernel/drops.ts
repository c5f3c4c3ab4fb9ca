import { join } from 'node:path';
import { closeDescriptor } from '../../ffi/libc.ts';
import { openPacketLog } from '../../ffi/netlink.ts';
import { type DropSummary, isDropReading } from './drop-summary.ts';
import { keepChild, type Launch } from './kept-child.ts';

/** NFLOG group of the drop rules. */
export const DropLogGroup = 5;

/** Reads the drop log through a process of its own. */
export interface DropReader {
  /** Why nothing is read now, or empty. */
  readonly problem: () => string;
  readonly pid: () => number | undefined;
  readonly close: () => void;
}

/**
 * Starts the reader and keeps it running. Drops in a time when it was dead are in the named counters of
 * the ruleset, not here. Needs CAP_NET_ADMIN, which the reader itself does not get.
 */
export function startDropReader(
  onDrops: (summary: DropSummary) => void,
  onDeath: (how: string) => void,
): DropReader {
  let problem = '';
  let closed = false;
  const child = keepChild(launch, {
    started: () => {
      problem = '';
    },
    message: (message) => {
      if (!isDropReading(message)) return false;
      if (message.kind === 'drops') onDrops(message);
      else problem = message.problem;
      return true;
    },
    ended: (how) => {
      if (problem === '') problem = `it ended (${how})`;
      if (!closed) onDeath(problem);
    },
  });
  const close = (): void => {
    closed = true;
    child.close();
  };
  return { problem: () => problem, pid: child.pid, close };
}

function launch(): Launch {
  const fd = openPacketLog(DropLogGroup);
  const [program = process.execPath, ...rest] = withoutRights([
    process.execPath,
    join(import.meta.dirname, 'nflog.ts'),
  ]);
  return { program, arguments: rest, descriptor: { fd, close: () => closeDescriptor(fd) } };
}

/**
 * The engine's rights are ambient ones, which a child would inherit. As root there is nothing to take
 * away that a root process would not keep by its owner.
 */
function withoutRights(command: readonly string[]): readonly string[] {
  if (process.getuid?.() === 0) return command;
  return ['setpriv', '--inh-caps=-all', '--ambient-caps=-all', '--no-new-privs', '--', ...command];
}
