import { type ChildProcess, spawn } from 'node:child_process';
import { restartDelay, SettledAfter } from './back-off.ts';
import type { ProcessSpec } from './processes.ts';

/** What the supervisor tells about its processes. */
export interface SupervisorEvents {
  readonly started: (name: string, pid: number) => void;
  /** Ended, or could not be started; it is started again after `nextStartInMs`. */
  readonly died: (name: string, how: string, nextStartInMs: number) => void;
}

/** Keeps the gateway's processes running; itself it opens no socket and reads no data. */
export interface Supervisor {
  /** Ends every process, the first of the specs last, and waits for it; after {@link Patience} it kills. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the processes and starts each again when it ends. A child notices the supervisor's own death by
 * the end of its standard input and ends itself, so that no process is left over without one.
 * @param specs the engine first: the others hand their last records to it
 */
export function supervise(specs: readonly ProcessSpec[], events: SupervisorEvents): Supervisor {
  const running = new Map<ProcessSpec, ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;

  function start(spec: ProcessSpec, diedBefore: number): void {
    const startedAt = performance.now();
    launch(spec, (how) => {
      running.delete(spec);
      if (stopping) return;
      const diedInARow = performance.now() - startedAt >= SettledAfter ? 1 : diedBefore + 1;
      const delay = restartDelay(diedInARow);
      const timer = setTimeout(() => {
        timers.delete(timer);
        start(spec, diedInARow);
      }, delay);
      timers.add(timer);
      events.died(spec.name, how, delay);
    });
  }

  function launch(spec: ProcessSpec, onEnd: (how: string) => void): void {
    const child = spawnOrExplain(spec);
    if (typeof child === 'string') return onEnd(child);
    running.set(spec, child);
    if (child.pid === undefined) {
      // The reason follows as an error; nothing of it runs.
      child.once('error', (error) => onEnd(error.message));
      return;
    }
    // A signal that could not be sent is an error as well, and no end.
    child.on('error', () => undefined);
    child.once('exit', (code, signal) => onEnd(signal === null ? `exit ${code}` : signal));
    child.stdin?.on('error', () => undefined); // the pipe of a dead child; its exit is what counts
    events.started(spec.name, child.pid);
  }

  for (const spec of specs) start(spec, 0);

  return {
    stop: async () => {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      const [engine] = specs;
      const others = [...running].filter(([spec]) => spec !== engine).map(([, child]) => child);
      await Promise.all(others.map(end));
      const last = engine === undefined ? undefined : running.get(engine);
      if (last !== undefined) await end(last);
    },
  };
}

/** Some failures of `spawn` are thrown, others come as an event. */
function spawnOrExplain(spec: ProcessSpec): ChildProcess | string {
  try {
    return spawn(spec.command, spec.arguments, {
      stdio: ['pipe', 'inherit', 'inherit'],
      // Of each thread's own store of memory little comes back: V8's compiler threads would keep ten mebibytes.
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    });
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
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
