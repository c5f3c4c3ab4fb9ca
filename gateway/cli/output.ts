import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { GatewayError } from '../errors.ts';

/** Exit status of every command. */
export const ExitStatus = { good: 0, refused: 1, usage: 2, system: 3 } as const;

/** What a person typed or handed over is wrong: one sentence and a remedy, exit status 2. */
export class UsageError extends Error {
  readonly remedy: string;

  constructor(sentence: string, remedy: string) {
    super(sentence);
    this.name = 'UsageError';
    this.remedy = remedy;
  }
}

/** The text of a file a person named. @throws UsageError */
export function readNamedFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const why =
      cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
        ? 'does not exist'
        : 'cannot be read';
    throw new UsageError(`${path} ${why}.`, 'Check the path, and that you may read it.');
  }
}

/** Writes a file a person named, whole or not at all. @throws UsageError */
export function writeNamedFile(path: string, content: Uint8Array | string, mode = 0o644): void {
  const unfinished = `${path}.${process.pid}.new`;
  try {
    writeFileSync(unfinished, content, { mode, flag: 'wx' });
    renameSync(unfinished, path);
  } catch {
    rmSync(unfinished, { force: true });
    throw new UsageError(
      `${path} cannot be written.`,
      'Check that its directory exists and that you may write there.',
    );
  }
}

/** Prints whatever a command threw as a sentence and a remedy, and gives its exit status. Never a stack trace. */
export function explainFailure(cause: unknown): number {
  if (cause instanceof UsageError) {
    console.error(`${cause.message}\n  ${cause.remedy}`);
    return ExitStatus.usage;
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  const error = cause instanceof GatewayError ? cause : new GatewayError('PST_ERR_DEFECT', text, cause);
  console.error(`${error.code} ${error.message}\n  ${error.remedy}`);
  return ExitStatus.system;
}
