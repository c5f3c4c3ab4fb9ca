import { readIfPresent, replaceDurably } from '../load/durable-file.ts';

/** The newest checkpoint once more, outside the log's directory: a restored copy of the directory is older than it. */
export interface CheckpointMark {
  /** The note, or undefined where there is none. Fails with the system's own error. */
  readonly read: () => Promise<string | undefined>;
  readonly write: (note: string) => Promise<void>;
}

export function openMarkFile(path: string): CheckpointMark {
  return {
    read: async () => {
      const bytes = readIfPresent(path);
      return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
    },
    write: (note) => replaceDurably(path, Buffer.from(note)),
  };
}
