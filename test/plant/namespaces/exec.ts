import { type ChildProcess, spawn } from 'node:child_process';

/** How a command ended. `status` is -1 when a signal ended it. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that goes on running. */
export interface Running {
  readonly pid: number;
  /** Everything it has said so far, both streams. */
  readonly output: () => string;
  /** Waits for the output to match; throws with the output when the process ends first or time is up. */
  readonly says: (pattern: RegExp, patience?: number) => Promise<RegExpExecArray>;
  readonly ended: Promise<Outcome>;
  /** Asks it to end, and kills it when it does not. */
  readonly stop: () => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Writes a line to its standard input. */
  readonly tell: (line: string) => void;
}

export interface RunOptions {
  readonly input?: string;
  /** Milliseconds until it is killed. */
  readonly patience?: number;
}

/** Milliseconds; far more than anything here takes, so that a slow machine fails no test. */
const Patience = 90_000;

/** Runs a command in a namespace to its end. */
export function runIn(
  namespace: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  return run(['ip', 'netns', 'exec', namespace, ...command], options);
}

/** Runs a command outside of every namespace to its end. */
export async function run(
  [program = '', ...args]: readonly string[],
  { input = '', patience = Patience }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, { stdio: 'pipe' });
  child.stdin.on('error', () => {}); // it may end without reading
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  const outcome = await outcomeOf(child);
  clearTimeout(timer);
  return outcome;
}

/** Runs a command in a namespace; throws with what it said when it fails. */
export async function mustRunIn(namespace: string, ...command: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runIn(namespace, command);
  if (status !== 0) throw new Error(`${command.join(' ')} in ${namespace}: ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** Starts a command in a namespace. `ip netns exec` replaces itself, so the pid is the command's own. */
export function startIn(namespace: string, command: readonly string[]): Running {
  return start(['ip', 'netns', 'exec', namespace, ...command]);
}

/** Starts a command outside of every namespace. */
export function start(command: readonly string[]): Running {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'pipe' });
  const ended = outcomeOf(child);
  const listeners = new Set<() => void>();
  let output = '';
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdin.on('error', () => {}); // what ended reads no more
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return {
    pid: child.pid ?? -1,
    output: () => output,
    says,
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(timer);
    },
    kill: (signal) => child.kill(signal),
    tell: (line) => child.stdin.write(`${line}\n`),
  };

  function says(pattern: RegExp, patience = Patience): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail(`did not say ${pattern} in time`), patience);
      const listen = () => {
        const found = pattern.exec(output);
        if (found !== null) settle(() => resolve(found));
      };
      const fail = (why: string) =>
        settle(() => reject(new Error(`${command.join(' ')} ${why}; it said:\n${output}`)));
      const settle = (act: () => void) => {
        clearTimeout(timer);
        listeners.delete(listen);
        act();
      };
      listeners.add(listen);
      void ended.then(({ status }) => {
        listen();
        fail(`ended with ${status} before saying ${pattern}`);
      });
      listen();
    });
  }
}

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: 127, stdout, stderr: stderr + error.message }));
    child.on('close', (code) => resolve({ status: code ?? -1, stdout, stderr }));
  });
}
