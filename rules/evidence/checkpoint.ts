import { fromBase64, toBase64 } from './base64.ts';
import { HashSize, sameHash } from './tree.ts';

/** The head of a log's tree: what a signature covers, C2SP tlog-checkpoint. */
export interface TreeHead {
  /** Which log: every history that cannot be made consistent with an earlier one gets an origin of its own. */
  readonly origin: string;
  /** Records. */
  readonly size: number;
  readonly root: Uint8Array;
  /** Absent where an older release signed it. */
  readonly acts?: ActsHead;
}

/**
 * The tree over the acts alone: the leaf hashes of those among the first `size` records that are not routine, in
 * order. Routine records may be given up for room, and their place in the log's own tree does not show what they were;
 * this commits to every act, so that no act can be given up as if it were routine.
 */
export interface ActsHead {
  readonly count: number;
  readonly root: Uint8Array;
}

/** The text of a checkpoint: three lines and the extension line `acts COUNT ROOT`, each ending in a newline. */
export function formatTreeHead({ origin, size, root, acts }: TreeHead): string {
  const extension = acts === undefined ? '' : `acts ${acts.count} ${toBase64(acts.root)}\n`;
  return `${origin}\n${size}\n${toBase64(root)}\n${extension}`;
}

/** The head in a checkpoint's text, or undefined when it is none. Extension lines of others are passed over. */
export function parseTreeHead(text: string): TreeHead | undefined {
  const [origin = '', digits = '', encoded = '', ...rest] = text.split('\n');
  if (rest.pop() !== '' || rest.includes('') || origin === '') return undefined;
  const root = fromBase64(encoded);
  const size = parseCount(digits);
  if (size === undefined || root?.length !== HashSize) return undefined;
  const [line, ...others] = rest.filter((one) => /^acts( |$)/.test(one));
  if (line === undefined) return { origin, size, root };
  const acts = parseActs(line);
  // Two of them could be read in two ways.
  if (acts === undefined || acts.count > size || others.length > 0) return undefined;
  return { origin, size, root, acts };
}

function parseActs(line: string): ActsHead | undefined {
  const [, digits = '', encoded = '', ...rest] = line.split(' ');
  const count = parseCount(digits);
  const root = fromBase64(encoded);
  if (count === undefined || root?.length !== HashSize || rest.length > 0) return undefined;
  return { count, root };
}

function parseCount(digits: string): number | undefined {
  const count = Number(digits);
  return /^(0|[1-9]\d{0,15})$/.test(digits) && Number.isSafeInteger(count) ? count : undefined;
}

/** Whether two heads say the same of the acts. */
export function sameActs(one: ActsHead | undefined, other: ActsHead | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.count === other.count && sameHash(one.root, other.root);
}

/**
 * Whether the acts of a later head of one log can have grown out of those of an earlier one, as far as two heads can
 * tell: none fewer, no more of them new than records are, and not left out once they were committed to.
 */
export function actsCanFollow(first: TreeHead, second: TreeHead): boolean {
  if (first.acts === undefined) return true;
  if (second.acts === undefined) return false;
  const added = second.acts.count - first.acts.count;
  if (added < 0 || added > second.size - first.size) return false;
  return added > 0 || sameActs(first.acts, second.acts);
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
