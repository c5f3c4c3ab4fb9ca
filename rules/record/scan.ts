import { decodeHeader, type FramedRecord, HeaderSize, readFrame, type SegmentHeader } from './segment.ts';

/** What a segment file holds: every good record up to the first bad one, and what was wrong there. */
export interface SegmentScan {
  /** Absent when the header itself is bad; there are no records then. */
  readonly header: SegmentHeader | undefined;
  readonly records: readonly FramedRecord[];
  /** Bytes from the start that are whole and good. */
  readonly validBytes: number;
  readonly fault: SegmentFault | undefined;
}

export interface SegmentFault {
  /**
   * `torn`: nothing good follows, as after a sudden stop in the middle of a write. `damage`: good records
   * follow the bad place, so bytes that once were right have changed.
   */
  readonly kind: 'torn' | 'damage';
  readonly offset: number;
  readonly problem: string;
}

/** Reads a whole segment file. Never throws, whatever the bytes are. */
export function scanSegment(bytes: Uint8Array): SegmentScan {
  const start = decodeHeader(bytes);
  if (!start.ok) {
    return { header: undefined, records: [], validBytes: 0, fault: faultAt(bytes, 0, start.problem) };
  }
  const records: FramedRecord[] = [];
  let offset = HeaderSize;
  while (offset < bytes.length) {
    const found = readFrame(bytes, offset);
    if (!found.ok) {
      return {
        header: start.header,
        records,
        validBytes: offset,
        fault: faultAt(bytes, offset, found.problem),
      };
    }
    records.push(found.frame);
    offset = found.end;
  }
  return { header: start.header, records, validBytes: offset, fault: undefined };
}

/**
 * A stopped write leaves garbage or zeros and nothing after them; changed bytes leave the rest readable.
 * So the question is whether a whole record lies anywhere behind the bad place.
 */
function faultAt(bytes: Uint8Array, offset: number, problem: string): SegmentFault {
  for (let at = offset + 1; at < bytes.length; at += 1) {
    if (readFrame(bytes, at).ok) return { kind: 'damage', offset, problem };
  }
  return { kind: 'torn', offset, problem };
}
