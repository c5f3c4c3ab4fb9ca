import { type ChildProcess, spawn } from 'node:child_process';
import { restartDelay, SettledAfter } from './back-off.ts';
import type { ProcessSpec } from './processes.ts';

/** What the supervisor tells about its processes. */
export interface SupervisorEvents {
  readonly started: (name: string, pid: number) => void;
  readonly died: (name: string, how: string, nextStartInMs: number) => void;
}

/** Keeps the gateway's processes running; itself it opens no socket and reads no data. */
export interface Supervisor {
  /** Ends every process, the engine last, and waits for it; after {@link Patience} it kills. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the processes and starts each again when it ends. A child notices the supervisor's own death by
 * the end of its standard input and ends itself, so that no process is left over without one.
 */
export function supervise(specs: readonly ProcessSpec[], events: SupervisorEvents): Supervisor {
  const children = new Map<string, ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;

  const start = (spec: ProcessSpec, diedBefore: number): void => {
    if (stopping) return;
    const startedAt = performance.now();
    const child = spawn(spec.command, spec.arguments, { stdio: ['pipe', 'inherit', 'inherit'] });
    children.set(spec.name, child);
    if (child.pid !== undefined) events.started(spec.name, child.pid);
    let ended = false;
    const onEnd = (how: string): void => {
      if (ended) return;
      ended = true;
      children.delete(spec.name);
      if (stopping) return;
      const died = performance.now() - startedAt >= SettledAfter ? 1 : diedBefore + 1;
      const delay = restartDelay(died);
      events.died(spec.name, how, delay);
      const timer = setTimeout(() => {
        timers.delete(timer);
        start(spec, died);
      }, delay);
      timers.add(timer);
    };
    child.on('error', (error) => onEnd(error.message));
    child.on('exit', (code, signal) => onEnd(signal === null ? `exit ${code}` : signal));
    child.stdin?.on('error', () => undefined); // the pipe of a dead child; its exit is what counts
  };

  for (const spec of specs) start(spec, 0);

  return {
    stop: async () => {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      const engine = specs[0]?.name;
      const others = [...children].filter(([name]) => name !== engine).map(([, child]) => child);
      await Promise.all(others.map(end));
      const last = engine === undefined ? undefined : children.get(engine);
      if (last !== undefined) await end(last);
    },
  };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), Patience);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** How long a process may take to end in order, milliseconds. */
const Patience = 5_000;
