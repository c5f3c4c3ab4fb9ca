import { fromBase64, toBase64 } from './base64.ts';
import { HashSize } from './tree.ts';

/** The head of a log's tree: what a signature covers, C2SP tlog-checkpoint. */
export interface TreeHead {
  /** Which log: every history that cannot be made consistent with an earlier one gets an origin of its own. */
  readonly origin: string;
  /** Records. */
  readonly size: number;
  readonly root: Uint8Array;
}

/** The text of a checkpoint: three lines, each ending in a newline. */
export function formatTreeHead({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** The head in a checkpoint's text, or undefined when it is none. Extension lines are passed over. */
export function parseTreeHead(text: string): TreeHead | undefined {
  const [origin = '', digits = '', encoded = '', ...rest] = text.split('\n');
  if (rest.pop() !== '' || rest.includes('') || origin === '') return undefined;
  const root = fromBase64(encoded);
  const size = Number(digits);
  if (!/^(0|[1-9]\d{0,15})$/.test(digits) || !Number.isSafeInteger(size)) return undefined;
  return root?.length === HashSize ? { origin, size, root } : undefined;
}

/**
 * Whether a log of this key may use the origin: the key's own name, or that name, a slash and the count of
 * the history. The key keeps its name, so that what is printed on a commissioning sheet stays right after a
 * restored backup.
 */
export function isOriginOf(origin: string, keyName: string): boolean {
  if (origin === keyName) return true;
  return origin.startsWith(`${keyName}/`) && /^[1-9]\d{0,8}$/.test(origin.slice(keyName.length + 1));
}
