import { createHash, randomInt, timingSafeEqual } from 'node:crypto';

/**
 * A code to be written down and typed once: 80 random bits as `4K7Q-9M2D-XW3H-0VRT`. With so many bits a plain digest
 * is kept of it: there is nothing to guess.
 */
export function newCode(): string {
  const characters = Array.from({ length: 16 }, () => Alphabet.charAt(randomInt(Alphabet.length)));
  return characters.join('').replaceAll(/(.{4})(?!$)/g, '$1-');
}

/** SHA-256 of a code as it was typed, hexadecimal: case, blanks and dashes do not count, and O is 0, I and L are 1. */
export function digestOfCode(typed: string): string {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return createHash('sha256').update(`penstock code ${plain}`).digest('hex');
}

/** Whether a typed code is the one with this digest; every try takes the same time. */
export function isCode(typed: string, digest: string): boolean {
  const given = Buffer.from(digestOfCode(typed));
  const kept = Buffer.from(digest.padEnd(given.length).slice(0, given.length));
  return timingSafeEqual(given, kept) && digest.length === given.length;
}

/** Crockford's base 32: nothing in it is mistaken for something else. */
const Alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
