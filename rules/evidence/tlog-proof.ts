import { fromBase64, toBase64 } from './base64.ts';
import { HashSize } from './tree.ts';

/** A proof that stands by itself: one leaf of a log and a checkpoint that covers it, C2SP tlog-proof. */
export interface TlogProof {
  readonly index: number;
  /** The hashes of `inclusionSpans`, in that order. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, with the cosignatures of witnesses. */
  readonly checkpoint: string;
  /** Not authenticated: nothing in it may be believed. */
  readonly extra?: Uint8Array;
}

export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  const lines = [Magic];
  if (extra !== undefined) lines.push(`extra ${toBase64(extra)}`);
  lines.push(`index ${index}`, ...proof.map(toBase64), '', checkpoint);
  return lines.join('\n');
}

/** A proof from its text, or undefined when it has not the form of one; nothing is checked by this. */
export function parseTlogProof(text: string): TlogProof | undefined {
  const blank = text.indexOf('\n\n');
  const [magic, ...lines] = blank < 0 ? [] : text.slice(0, blank).split('\n');
  if (magic !== Magic || lines.length > MaxLines) return undefined;
  const [, encoded] = /^extra (.*)$/.exec(lines[0] ?? '') ?? [];
  const extra = encoded === undefined ? undefined : fromBase64(encoded);
  if (encoded !== undefined && extra === undefined) return undefined;
  const [first = '', ...hashes] = extra === undefined ? lines : lines.slice(1);
  const [, digits = ''] = /^index (0|[1-9]\d{0,15})$/.exec(first) ?? [];
  const index = Number(digits);
  if (digits === '' || !Number.isSafeInteger(index)) return undefined;
  const proof: Uint8Array[] = [];
  for (const line of hashes) {
    const hash = fromBase64(line);
    if (hash?.length !== HashSize) return undefined;
    proof.push(hash);
  }
  return { index, proof, checkpoint: text.slice(blank + 2), ...(extra === undefined ? {} : { extra }) };
}

const Magic = 'c2sp.org/tlog-proof@v1';

/** More than the 53 hashes the path in the largest log can have. */
const MaxLines = 64;
