import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openWithPassphrase, sealWithPassphrase, Unopenable } from '../../../gateway/backup/age.ts';

/** So that a test does not take a second for each. */
const Quick = 4;

function seal(plain: readonly Buffer[], passphrase = 'one two three'): Buffer {
  return Buffer.concat([...sealWithPassphrase(plain, passphrase, Quick)]);
}

function open(sealed: Buffer, passphrase = 'one two three', cut = 1000): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < sealed.length; at += cut) pieces.push(sealed.subarray(at, at + cut));
  return Buffer.concat([...openWithPassphrase(pieces, passphrase)]);
}

function problem(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (cause) {
    if (cause instanceof Unopenable) return cause.problem;
    throw cause;
  }
}

describe('what is sealed with a passphrase', () => {
  test.each([0, 1, 65_535, 65_536, 65_537, 131_072, 200_001])('opens again: %i bytes', (length) => {
    const plain = Buffer.alloc(length, 'penstock');
    expect(open(seal([plain])).equals(plain)).toBe(true);
  });

  test('opens whatever pieces it was given and read in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 70_000 }), { maxLength: 4 }),
        fc.nat(5000),
        (parts, cut) => {
          const plain = parts.map((part) => Buffer.from(part));
          expect(open(seal(plain), undefined, cut + 1).equals(Buffer.concat(plain))).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('does not open with another passphrase', () => {
    expect(problem(() => open(seal([Buffer.from('x')]), 'one two four'))).toBe('passphrase');
  });

  test('is refused when any bit of it is another', () => {
    const sealed = seal([Buffer.alloc(70_000, 1)]);
    const places = [0, 20, 23, 30, 55, 60, 99, 110, 120, 150, 160, 65_600, 65_800, sealed.length - 1];
    for (const at of places) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(
        problem(() => open(changed)),
        `byte ${at}`,
      ).not.toBe('');
    }
  });

  test('is refused when it is cut anywhere, or something follows', () => {
    const sealed = seal([Buffer.alloc(200_000, 1)]);
    const head = sealed.length - 200_000 - 4 * 16;
    for (const length of [0, 10, head, head + 65_552, head + 2 * 65_552, sealed.length - 1]) {
      expect(
        problem(() => open(sealed.subarray(0, length))),
        `${length}`,
      ).not.toBe('');
    }
    expect(problem(() => open(Buffer.concat([sealed, Buffer.alloc(1)])))).toBe('changed');
  });

  test('is refused when two of its parts change places', () => {
    const sealed = seal([Buffer.alloc(65_536, 1), Buffer.alloc(65_536, 2), Buffer.alloc(10, 3)]);
    const head = sealed.length - 2 * 65_552 - 26;
    const [first, second] = [
      sealed.subarray(head, head + 65_552),
      sealed.subarray(head + 65_552, head + 2 * 65_552),
    ];
    const swapped = Buffer.concat([sealed.subarray(0, head), second, first, sealed.subarray(-26)]);
    expect(problem(() => open(swapped))).toBe('changed');
  });

  test('does not let a stranger choose how much memory opening it takes', () => {
    const greedy = seal([Buffer.from('x')])
      .toString('latin1')
      .replace(` ${Quick}\n`, ' 30\n');
    expect(problem(() => open(Buffer.from(greedy, 'latin1')))).toBe('no-backup');
  });

  test('is in the form of age: its test vector opens', () => {
    const plain = open(Buffer.from(Vector, 'base64'), 'password');
    expect(createHash('sha256').update(plain).digest('hex')).toBe(OfVector);
  });
});

/** The file `scrypt` of C2SP's test vectors for age: passphrase “password”, work factor 10. */
const Vector =
  'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCByRjAvTndibFVISFRwZ1FnUnBlNUNRIDEwCmdVakV5bUZLTVZYUUVLZE1NSEwyNG9ZZXhq' +
  'RTNUSUMwTzB6R1NxSjJhVVkKLS0tIElPWGlRWVN0a29UMW12WlcydEZPcVpkaFJWdmo1OGVnQUJ4L3NXZlpRYmMKGzXG5ofdANo6w3msn3QsIf0Y' +
  'WhuePe1znRSsappQEk24Ztg=';
const OfVector = '013f54400c82da08037759ada907a8b864e97de81c088a182062c4b5622fd2ab';
