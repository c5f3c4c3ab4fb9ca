import { readFileSync } from 'node:fs';
import { storedChunks } from '../../recording/read-recording.ts';
import { recordingFile, recordingsOf } from '../../recording/stored-files.ts';
import type { SessionPiece } from './session-file.ts';

/** The pieces of a grant's recordings as they are stored: encrypted. @throws the system's error */
export function storedPieces(directory: string, grant: string): readonly SessionPiece[] {
  return recordingsOf(directory, grant).flatMap((name) => {
    const file = recordingFile(directory, name);
    const bytes = readFileSync(file);
    return [...storedChunks(file)].map(({ index, start, end }) => ({
      channel: name.channel,
      index,
      bytes: bytes.subarray(start, end),
    }));
  });
}
