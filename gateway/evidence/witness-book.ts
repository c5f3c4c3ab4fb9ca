import { cosignatureOf } from '../../rules/evidence/cosignature.ts';
import { type NoteKey, parseNote } from '../../rules/evidence/note.ts';
import type { Checkpoint, WitnessState } from './evidence-state.ts';
import { type LogKey, verifyEd25519 } from './log-key.ts';
import type { SegmentFiles } from './segment-files.ts';
import { openCheckpoint } from './signer.ts';

/** What trusted witnesses have cosigned of this log: the last of each, kept beside the segments. */
export interface WitnessBook {
  readonly states: (origin: string) => readonly WitnessState[];
  /** Cosigned checkpoints of any history, the log's own signature on each of them verified. */
  readonly heads: () => readonly Checkpoint[];
  /** The witnesses of whom a checkpoint bears a good cosignature. */
  readonly cosigners: (checkpoint: Checkpoint) => readonly NoteKey[];
  /** Keeps it for each of its witnesses who has not cosigned more of the same history. Rejects with the system's error. */
  readonly keep: (checkpoint: Checkpoint) => Promise<void>;
  /** Puts away what was cosigned of a history that is not in the log, once that has been dealt with. */
  readonly setAside: (isStrange: (origin: string) => boolean) => Promise<void>;
  /** Puts what was cosigned under a key that handed over where nothing that comes later takes its place. */
  readonly keepFormer: (former: NoteKey) => Promise<void>;
}

export async function openWitnessBook(
  files: SegmentFiles,
  key: LogKey,
  trusted: readonly NoteKey[],
): Promise<WitnessBook> {
  const kept = new Map<string, Cosigned>();
  for (const witness of trusted) {
    const bytes = await files.readNote(fileOf(witness));
    const checkpoint =
      bytes === undefined ? undefined : openCheckpoint(Buffer.from(bytes).toString('utf8'), key.key);
    const cosigned = checkpoint === undefined ? undefined : read(checkpoint, witness);
    if (cosigned !== undefined) kept.set(witness.keyId, cosigned);
  }

  async function keep(checkpoint: Checkpoint): Promise<void> {
    for (const witness of trusted) {
      const cosigned = read(checkpoint, witness);
      const before = kept.get(witness.keyId)?.checkpoint;
      const isOlder = before?.origin === checkpoint.origin && before.size > checkpoint.size;
      if (cosigned === undefined || isOlder) continue;
      await files.replaceNote(fileOf(witness), Buffer.from(checkpoint.note));
      kept.set(witness.keyId, cosigned);
    }
  }

  async function setAside(isStrange: (origin: string) => boolean): Promise<void> {
    for (const witness of trusted) {
      const checkpoint = kept.get(witness.keyId)?.checkpoint;
      if (checkpoint === undefined || !isStrange(checkpoint.origin)) continue;
      await files.replaceNote(`${fileOf(witness)}.strange`, Buffer.from(checkpoint.note));
      await files.removeNote(fileOf(witness));
      kept.delete(witness.keyId);
    }
  }

  async function keepFormer(former: NoteKey): Promise<void> {
    for (const witness of trusted) {
      const bytes = await files.readNote(fileOf(witness));
      if (bytes === undefined) continue;
      if (openCheckpoint(Buffer.from(bytes).toString('utf8'), former) === undefined) continue;
      await files.replaceNote(`${fileOf(witness)}.${former.keyId}`, bytes);
      await files.removeNote(fileOf(witness));
    }
  }

  return {
    states: (origin) =>
      trusted.map(({ name, keyId }) => {
        const one = kept.get(keyId);
        if (one?.checkpoint.origin !== origin) return { name, size: 0, at: 0 };
        return { name, size: one.checkpoint.size, at: one.at };
      }),
    heads: () => [...kept.values()].map(({ checkpoint }) => checkpoint),
    cosigners: (checkpoint) => trusted.filter((witness) => read(checkpoint, witness) !== undefined),
    keep,
    setAside,
    keepFormer,
  };
}

interface Cosigned {
  readonly checkpoint: Checkpoint;
  readonly at: number;
}

function read(checkpoint: Checkpoint, witness: NoteKey): Cosigned | undefined {
  const note = parseNote(checkpoint.note);
  const found = note === undefined ? undefined : cosignatureOf(note, witness, verifyEd25519);
  return found === undefined ? undefined : { checkpoint, at: found.at };
}

function fileOf({ keyId }: NoteKey): string {
  return `witness.${keyId}`;
}
