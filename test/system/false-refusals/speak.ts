import type { Outcome } from '../../plant/namespaces/exec.ts';
import type { ClientStack, Programs } from './stacks.ts';

/** What one client said. */
export interface Said {
  readonly lines: readonly string[];
  readonly failures: readonly string[];
  readonly requests: number;
}

/** Where a client runs and what it speaks to. */
export interface Place {
  readonly run: (command: readonly string[]) => Promise<Outcome>;
  readonly address: string;
  readonly port: number;
}

/** Runs the commands of a client one after the other. */
export async function speak(
  stack: ClientStack,
  programs: Programs,
  { run, address, port }: Place,
  words: readonly string[],
  rounds: number,
): Promise<Said> {
  const lines: string[] = [];
  const failures: string[] = [];
  let requests = 0;
  for (const command of stack.commands(programs, address, port, words, rounds)) {
    const { status, stdout, stderr } = await run(command);
    // mbpoll ends with 1 after an exception, as it should.
    if (status !== 0 && command[0] !== 'mbpoll') failures.push(`${stack.name}: ${status} ${stderr}`);
    // It says whom it asks.
    lines.push(...stdout.trim().replaceAll(`${address}, port ${port}`, 'the server').split('\n'));
    requests += Number(/^requests (\d+)/m.exec(stdout)?.[1] ?? 1);
  }
  return { lines, failures, requests };
}

/** Of the evidence of a gateway, what tells whether something unusual happened. */
export interface Entry {
  readonly kind?: string;
  readonly requests?: number;
  readonly refused?: number;
  readonly reason?: string;
}

/** Refusals and whatever was put aside, and connections that did not end because one side had enough. */
export function unusual(records: readonly Entry[]): readonly Entry[] {
  return records.filter(
    ({ kind, refused, reason = '' }) =>
      kind === 'refusal' ||
      (kind === 'connection' && (refused !== 0 || !['client-closed', 'server-closed'].includes(reason))),
  );
}
