import { spawn } from 'node:child_process';
import { GatewayError } from '../../errors.ts';

/** The program of iproute2: no shell, fixed words, and values that were checked before. */
export interface IpCommand {
  /** What `ip -json …` lists. @throws GatewayError PST_ERR_ROUTING with its own words */
  readonly show: (...args: readonly string[]) => Promise<readonly IpEntry[]>;
  /** Runs lines like `route replace …` in one process, in order, up to the first that fails. @throws as above */
  readonly change: (lines: readonly string[], family?: 4 | 6) => Promise<void>;
}

/** One rule, route or neighbour. */
export type IpEntry = Readonly<Record<string, unknown>>;

/** iproute2 in the network namespace this process is in. */
export const ip: IpCommand = {
  show: async (...args) => {
    const output = await run(['-json', ...args], '');
    return output.trim() === '' ? [] : JSON.parse(output);
  },
  change: async (lines, family = 4) => {
    if (lines.length > 0) await run([`-${family}`, '-batch', '-'], `${lines.join('\n')}\n`);
  },
};

function run(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('ip', args, { timeout: Patience, killSignal: 'SIGKILL' });
    let output = '';
    let problem = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem += text;
    });
    const fail = (why: string) => reject(new GatewayError('PST_ERR_ROUTING', `ip ${args.join(' ')}: ${why}`));
    child.on('error', (error) => fail(error.message));
    child.on('close', (status) => (status === 0 ? resolve(output) : fail(describe(problem, input))));
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(input);
  });
}

/** The first words of `ip`, and the line of the batch they are about: `Command failed -:3`. */
function describe(problem: string, input: string): string {
  const [line = ''] = problem.trim().split('\n');
  const number = /Command failed -:(\d+)/.exec(problem)?.[1];
  const command = number === undefined ? '' : (input.split('\n')[Number(number) - 1] ?? '');
  return command === '' ? line : `${line} (${command})`;
}

const Patience = 10_000;
