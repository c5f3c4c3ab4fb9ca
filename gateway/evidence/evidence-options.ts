import type { NoteKey } from '../../rules/evidence/note.ts';
import type { Clock } from '../clock.ts';
import type { Retention } from '../retention.ts';
import type { LogOwner } from './log-key.ts';
import type { CheckpointMark } from './mark-file.ts';
import type { SegmentFiles } from './segment-files.ts';

/** What a log is opened with. */
export interface EvidenceOptions {
  /** Budget of the whole log; at least four segments. */
  readonly maxBytes: number;
  readonly segmentBytes: number;
  readonly clock: Clock;
  /** Whose log it is: a part of its key's name and of every checkpoint. */
  readonly owner: LogOwner;
  /** Keys of witnesses whose cosignature counts. */
  readonly witnesses?: readonly NoteKey[];
  /** Routine segments that were left longer ago are given up. */
  readonly retention?: Retention | undefined;
  /** Where the newest checkpoint is kept outside the directory. */
  readonly mark?: CheckpointMark;
  /** Stands for the directory in tests. */
  readonly files?: SegmentFiles;
}
