import { vi } from 'vitest';
import { explainFailure } from '../../../gateway/cli/output.ts';

/** What a command printed and how it ended. */
export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as penstock.ts does: whatever it throws becomes a sentence and an exit status. */
export async function command(act: () => Promise<number>): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
  const error = vi.spyOn(console, 'error').mockImplementation((line: string) => void err.push(line));
  try {
    const status = await act().catch(explainFailure);
    return { status, out: out.join('\n'), err: err.join('\n') };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}
