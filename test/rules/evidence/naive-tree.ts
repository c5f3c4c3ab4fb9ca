import { createHash } from 'node:crypto';
import type { Sha256, Span } from '../../../rules/evidence/tree.ts';

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** MTH of RFC 6962 §2.1, word for word. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(Uint8Array.of(0, ...only));
  const k = split(leaves.length);
  return sha256(Uint8Array.of(1, ...treeHash(leaves.slice(0, k)), ...treeHash(leaves.slice(k))));
}

/** PATH of RFC 6962 §2.1.1, word for word. */
export function path(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), treeHash(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), treeHash(leaves.slice(0, k))];
}

/** PROOF of RFC 6962 §2.1.2, word for word. */
export function proof(m: number, leaves: readonly Uint8Array[], complete = true): Uint8Array[] {
  if (m === leaves.length) return complete ? [] : [treeHash(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...proof(m, leaves.slice(0, k), complete), treeHash(leaves.slice(k))]
    : [...proof(m - k, leaves.slice(k), false), treeHash(leaves.slice(0, k))];
}

export function hashesOf(spans: readonly Span[], leaves: readonly Uint8Array[]): Uint8Array[] {
  return spans.map(({ begin, end }) => treeHash(leaves.slice(begin, end)));
}

/** Leaves 0, 1, 2 ... of a log that is long enough. */
export function someLeaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => Uint8Array.of(index & 255, index >> 8));
}

export function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

function split(n: number): number {
  return 2 ** Math.ceil(Math.log2(n) - 1);
}
