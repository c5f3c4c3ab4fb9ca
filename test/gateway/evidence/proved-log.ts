import { parseTreeHead } from '../../../rules/evidence/checkpoint.ts';
import { isSignedBy, parseKey, parseNote } from '../../../rules/evidence/note.ts';
import {
  appendLeaf,
  type CompactRange,
  emptyRange,
  mergeRanges,
  rangeRoot,
  readRange,
  recordHash,
} from '../../../rules/evidence/tree.ts';
import { decodeRecord } from '../../../rules/record/codec.ts';
import { type EvidenceRecord, isRoutine } from '../../../rules/record/record.ts';
import { scanSegment } from '../../../rules/record/scan.ts';
import { verifyEd25519 } from '../../rules/evidence/keys.ts';
import { hex, sha256 } from '../../rules/evidence/naive-tree.ts';

/** What a log directory proves, read by nothing of the writer: the records, and the histories they belong to. */
export interface ProvedLog {
  readonly records: readonly { readonly sequence: number; readonly record: EvidenceRecord }[];
  /** Every fault and contradiction, as a sentence. */
  readonly problems: readonly string[];
  readonly origins: readonly string[];
}

/** Reads the files of a log and holds them against its newest checkpoint, for each origin from its base on. */
export function proveLog(files: ReadonlyMap<string, Uint8Array>): ProvedLog {
  const text = (name: string): string => Buffer.from(files.get(name) ?? []).toString('utf8');
  const problems: string[] = [];
  const records: { sequence: number; record: EvidenceRecord }[] = [];
  const known = new Map<number, CompactRange>();
  /** The leaf hashes of the acts of the origin, with the place of each. */
  let acts: { readonly place: number; readonly leaf: Uint8Array }[] = [];
  const key = parseKey(text('log.pub'), sha256);
  let origin = { name: key?.name ?? '', base: 0 };
  const origins = [origin.name];

  for (const name of [...files.keys()].filter((one) => one.endsWith('.seg')).sort()) {
    const { header, records: found, fault } = scanSegment(files.get(name) ?? new Uint8Array());
    if (fault !== undefined) problems.push(`${name}: ${fault.problem}`);
    for (const [index, { type, payload }] of found.entries()) {
      const sequence = (header?.firstSequence ?? 0) + index;
      const decoded = decodeRecord(type, payload);
      if (!decoded.ok) problems.push(decoded.problem);
      else records.push({ sequence, record: decoded.record });
      const act = decoded.ok && decoded.record.kind === 'act' ? decoded.record.act : undefined;
      if (act?.kind === 'originStarted') {
        origin = { name: act.origin, base: sequence };
        origins.push(act.origin);
        known.clear();
        acts = [];
      }
      const begin = sequence - origin.base;
      if (known.has(begin)) problems.push(`record ${sequence} is there twice`);
      const leaf = recordHash({ type, payload }, sha256);
      known.set(begin, appendLeaf(emptyRange(begin), leaf, sha256));
      if (!decoded.ok || !isRoutine(decoded.record)) acts.push({ place: begin, leaf });
    }
  }
  for (const { record } of records) {
    if (record.kind !== 'act' || record.act.kind !== 'removed') continue;
    const begin = record.act.firstSequence - origin.base;
    const range = readRange({ begin, end: begin + record.act.records }, record.act.hashes);
    if (range !== undefined && !known.has(begin)) known.set(begin, range);
  }

  const note = parseNote(text('checkpoint'));
  const head = parseTreeHead(note?.text ?? '');
  if (note === undefined || head === undefined || key === undefined) {
    return { records, origins, problems: [...problems, 'there is no checkpoint'] };
  }
  if (!isSignedBy(note, key, verifyEd25519)) problems.push('the checkpoint is not signed');
  if (head.origin !== origin.name) problems.push(`the checkpoint is of ${head.origin}`);
  let range = emptyRange(0);
  while (range.end < head.size) {
    const next = known.get(range.end);
    if (next === undefined || next.end > head.size) break;
    range = mergeRanges(range, next, sha256);
  }
  if (range.end !== head.size) problems.push(`${head.size} records are signed, ${range.end} are there`);
  else if (hex(rangeRoot(range, sha256)) !== hex(head.root)) problems.push('the root is not the one signed');
  const among = acts.filter(({ place }) => place < head.size);
  const actsRange = among.reduce((all, { leaf }) => appendLeaf(all, leaf, sha256), emptyRange(0));
  if (head.acts?.count !== among.length) problems.push(`${head.acts?.count} acts are signed`);
  if (hex(head.acts?.root) !== hex(rangeRoot(actsRange, sha256)))
    problems.push('the acts are not those signed');
  return { records, origins, problems };
}
