import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readConfig } from '../../config.ts';
import { exportRecording } from '../../recording/export-recording.ts';
import { readRecordingKeys } from '../../recording/recording-key.ts';
import { KeyName } from '../../recording/stored-files.ts';
import { ExitStatus, UsageError } from '../output.ts';

/**
 * `penstock evidence recording GRANT --out FILE`: what passed in a session, decrypted, as one pcapng file. On the box
 * itself, by whoever may read its key.
 * @throws UsageError, GatewayError PST_ERR_RECORDING
 */
export async function writeRecording(
  grant: string,
  { out, config, json }: { readonly out: string; readonly config: string; readonly json?: boolean },
): Promise<number> {
  const directory = join(readConfig(config).state, 'recordings');
  const keys = readRecordingKeys(join(directory, KeyName));
  const unfinished = `${out}.${process.pid}.new`;
  let bytes = 0;
  try {
    mkdirSync(dirname(out), { recursive: true });
    const file = openSync(unfinished, 'wx', 0o600);
    try {
      for (const piece of exportRecording(directory, grant, ...keys)) {
        for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
        bytes += piece.length;
      }
    } finally {
      closeSync(file);
    }
    if (bytes > 0) renameSync(unfinished, out);
  } catch (cause) {
    throw new UsageError(
      `The recording of grant ${grant} cannot be written to ${out}: ${cause instanceof Error ? cause.message : cause}.`,
      'Hold the evidence to it with penstock evidence verify.',
    );
  } finally {
    rmSync(unfinished, { force: true });
  }
  if (bytes === 0) {
    throw new UsageError(
      `There is no recording of grant ${grant}.`,
      'It may have been erased at the end of its time: penstock evidence show tells.',
    );
  }
  console.log(json === true ? JSON.stringify({ grant, out, bytes }) : `${out}: ${bytes} bytes`);
  return ExitStatus.good;
}
