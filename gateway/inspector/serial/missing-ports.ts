import type { InspectorToEngine } from '../../ipc/messages.ts';
import type { Logger } from '../../log.ts';

type SerialPorts = Extract<InspectorToEngine, { readonly kind: 'serial-ports' }>;

/** Serial ports that could not be had when they were last asked for, and why. */
export interface MissingPorts {
  /** How a port was when it was asked for; an empty problem is that it could be had. */
  readonly note: (port: string, problem: string) => void;
  /** All of them, for the engine; undefined for none. */
  readonly standing: () => SerialPorts | undefined;
}

/** None yet. `tell` gets all of them at each change. */
export function createMissingPorts(log: Logger, tell: (message: SerialPorts) => void): MissingPorts {
  const missing = new Map<string, string>();

  function all(): SerialPorts {
    return { kind: 'serial-ports', missing: [...missing].map(([port, problem]) => ({ port, problem })) };
  }

  return {
    note: (port, problem) => {
      if (problem !== '') {
        missing.set(port, problem.slice(0, MaxProblem));
        log.error({ port, problem }, 'serial port cannot be had');
      } else if (missing.delete(port)) {
        log.info({ port }, 'serial port no longer missed');
      } else {
        return;
      }
      tell(all());
    },
    standing: () => (missing.size > 0 ? all() : undefined),
  };
}

const MaxProblem = 1_000;
