import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { createFrameReader, encodeFrame, MaxEngineFrame } from '../../ipc/frame.ts';
import { restartDelay, SettledAfter } from '../../run/back-off.ts';

/** What to start, and a descriptor to hand it as number 3, closed here once it has it. */
export interface Launch {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly descriptor?: { readonly fd: number; readonly close: () => void };
}

/** What is told about a kept child. */
export interface ChildEvents {
  readonly started: () => void;
  /** False when the message is not one of the protocol: a child that says such things is killed. */
  readonly message: (message: unknown) => boolean;
  /** Dead, or could not be started; the next start comes by itself. */
  readonly ended: (how: string) => void;
}

/** A process of ours that speaks frames on standard input and output and is started again when it dies. */
export interface KeptChild {
  /** To the running child; nothing happens when there is none. */
  readonly send: (message: unknown) => void;
  readonly kill: () => void;
  readonly pid: () => number | undefined;
  /** Ends the child by the end of its input; it is not started again. */
  readonly close: () => void;
}

/** Starts the child at once. `launch` is asked anew for each start; when it throws that counts as a death. */
export function keepChild(launch: () => Launch, events: ChildEvents): KeptChild {
  let child: ChildProcess | undefined;
  let diedInARow = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  function start(): void {
    const startedAt = performance.now();
    const onEnd = (how: string): void => {
      child = undefined;
      if (!closed) {
        diedInARow = performance.now() - startedAt >= SettledAfter ? 1 : diedInARow + 1;
        timer = setTimeout(start, restartDelay(diedInARow));
      }
      events.ended(how);
    };
    try {
      child = begin(launch(), events.message, onEnd);
    } catch (error) {
      onEnd(error instanceof Error ? error.message : String(error));
      return;
    }
    events.started();
  }

  // Not in this tick: the caller does not hold the result yet when the first event comes.
  timer = setTimeout(start, 0);

  return {
    send: (message) => {
      child?.stdin?.write(encodeFrame(message));
    },
    kill: () => child?.kill('SIGKILL'),
    pid: () => child?.pid,
    close: () => {
      closed = true;
      clearTimeout(timer);
      child?.stdin?.end();
    },
  };
}

function begin(
  { program, arguments: args, descriptor }: Launch,
  onMessage: (message: unknown) => boolean,
  onEnd: (how: string) => void,
): ChildProcess {
  const extra = descriptor === undefined ? [] : [descriptor.fd];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit', ...extra] });
  descriptor?.close();
  const { stdin, stdout } = child as ChildProcess & { stdin: Writable; stdout: Readable };
  const reader = createFrameReader(MaxEngineFrame);
  let ended = false;
  const endOnce = (how: string): void => {
    if (!ended) onEnd(how);
    ended = true;
  };
  stdout.on('data', (chunk: Buffer) => {
    const { messages, problem } = reader.push(chunk);
    if (!messages.every(onMessage) || problem !== '') child.kill('SIGKILL');
  });
  stdin.on('error', () => undefined); // a dead child's pipe; its end is what counts
  child.on('error', (error) => endOnce(error.message));
  // `close` comes after the last of its output, so an answer given before death is still taken.
  child.on('close', (code, signal) => endOnce(signal ?? `exit ${code}`));
  return child;
}
