import { randomBytes } from 'node:crypto';

/** A name nobody can guess and nobody misreads, `G-7F3K92QDXM`: 50 random bits in Crockford's base 32. */
export function randomName(prefix: 'G' | 'C'): string {
  const letters = [...randomBytes(10)].map((byte) => Crockford.charAt(byte & 31));
  return `${prefix}-${letters.join('')}`;
}

const Crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
