import { parseHandover } from '../../rules/evidence/handover.ts';
import { decodeRecord } from '../../rules/record/codec.ts';
import { decodeHeader, HeaderSize, readFrame, type SegmentHeader } from '../../rules/record/segment.ts';
import type { Origin } from './log-tree.ts';
import type { SegmentFileSize, SegmentFiles } from './segment-files.ts';
import { sha256 } from './sha256.ts';

/** A segment as its first bytes tell of it. */
export interface SurveyedSegment extends SegmentFileSize {
  /** Undefined where it cannot be read. */
  readonly header: SegmentHeader | undefined;
  /** The history that begins with its first record, if one does. */
  readonly begins: Origin | undefined;
  /** Name of the key the log was signed with before, where that history begins with another one; else empty. */
  readonly formerKey: string;
}

/** What lies in the directory, in order; nothing is read in full. */
export async function surveyLog(files: SegmentFiles): Promise<readonly SurveyedSegment[]> {
  const found: SurveyedSegment[] = [];
  for (const file of await files.list())
    found.push({ ...file, ...readHead(await files.readStart(file.segment)) });
  return found;
}

function readHead(bytes: Uint8Array): Pick<SurveyedSegment, 'header' | 'begins' | 'formerKey'> {
  const start = decodeHeader(bytes);
  if (!start.ok) return { header: undefined, begins: undefined, formerKey: '' };
  const { header } = start;
  const first = header.routine ? undefined : readFrame(bytes, HeaderSize);
  if (first?.ok !== true) return { header, begins: undefined, formerKey: '' };
  const decoded = decodeRecord(first.frame.type, first.frame.payload);
  if (!decoded.ok || decoded.record.kind !== 'act' || decoded.record.act.kind !== 'originStarted') {
    return { header, begins: undefined, formerKey: '' };
  }
  const { origin, handover } = decoded.record.act;
  const formerKey = parseHandover(handover, sha256)?.former.name ?? '';
  return { header, begins: { origin, base: header.firstSequence }, formerKey };
}

/** The histories of a log, the first of which no record announces. */
export function originsOf(
  segments: readonly SurveyedSegment[],
  keyName: string,
): readonly [Origin, ...Origin[]] {
  const later = segments.flatMap(({ begins }) => (begins === undefined ? [] : [begins]));
  const firstKey = segments.find(({ formerKey }) => formerKey !== '')?.formerKey ?? keyName;
  return [{ origin: firstKey, base: 0 }, ...later];
}
