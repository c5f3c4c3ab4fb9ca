import { CommonPasswords } from './common-passwords.ts';

/** Characters a password has at least (62443-3-3 SR 1.7; NIST SP 800-63B: length counts, composition does not). */
export const ShortestPassword = 12;

/** Why a password cannot be taken for this account, as a sentence, or ''. */
export function passwordProblem(password: string, name: string): string {
  const characters = [...normalPassword(password)];
  if (characters.length < ShortestPassword) return `A password has ${ShortestPassword} characters or more.`;
  const plain = characters.join('').toLowerCase();
  const bare = plain.replaceAll(/[^\p{L}]/gu, '');
  const own = name.toLowerCase();
  if (own !== '' && plain.replaceAll(own, '').length < OwnPart) {
    return 'A password is not made of the name of the account.';
  }
  if (new Set(characters).size < 5 || isRun(plain)) return 'That password is one of the first to be tried.';
  if (CommonPasswords.has(plain) || CommonPasswords.has(bare)) {
    return 'That password is one of the first to be tried.';
  }
  return '';
}

/** The same password however a keyboard composes its characters (RFC 8265 §4.2 in spirit). */
export function normalPassword(password: string): string {
  return password.normalize('NFKC');
}

/** `abcdefghijkl`, `123456789012`, `987654321098`. */
function isRun(text: string): boolean {
  return [Digits, Letters, Rows].some((row) => {
    const there = row.repeat(4);
    return there.includes(text) || [...there].reverse().join('').includes(text);
  });
}

/** Characters it has beside the name of the account. */
const OwnPart = 8;

const Digits = '1234567890';
const Letters = 'abcdefghijklmnopqrstuvwxyz';
const Rows = 'qwertyuiopasdfghjklzxcvbnm';
