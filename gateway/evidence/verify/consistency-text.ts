import { fromBase64, toBase64 } from '../../../rules/evidence/base64.ts';
import { HashSize } from '../../../rules/evidence/tree.ts';

/** A log's growth from an earlier size to a checkpoint, as a witness is asked to see it: C2SP tlog-witness. */
export interface ConsistencyText {
  readonly old: number;
  /** The hashes of `consistencySpans`, in that order. */
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

export function formatConsistency({ old, proof, checkpoint }: ConsistencyText): string {
  return [`old ${old}`, ...proof.map(toBase64), '', checkpoint].join('\n');
}

/** The text read back, or undefined when it has not this form; nothing is verified by this. */
export function parseConsistency(text: string): ConsistencyText | undefined {
  const blank = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, Math.max(0, blank)).split('\n');
  const [, digits = ''] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? [];
  if (digits === '' || lines.length > MaxLines) return undefined;
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== HashSize) return undefined;
    proof.push(hash);
  }
  return { old: Number(digits), proof, checkpoint: text.slice(blank + 2) };
}

/** C2SP tlog-witness allows 63 hashes. */
const MaxLines = 63;
