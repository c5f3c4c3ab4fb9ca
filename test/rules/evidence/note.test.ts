import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64, utf8 } from '../../../rules/evidence/base64.ts';
import {
  actsCanFollow,
  formatTreeHead,
  isOriginOf,
  parseTreeHead,
} from '../../../rules/evidence/checkpoint.ts';
import { cosignatureLine, cosignatureOf, cosignedMessage } from '../../../rules/evidence/cosignature.ts';
import {
  formatKey,
  formatNote,
  isSignedBy,
  KeyTypes,
  noteKey,
  parseKey,
  parseNote,
} from '../../../rules/evidence/note.ts';
import { formatTlogProof, parseTlogProof } from '../../../rules/evidence/tlog-proof.ts';
import { testKey, verifyEd25519 } from './keys.ts';
import { sha256 } from './naive-tree.ts';

const neumann = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const problem = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;
const sofa = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;

describe('text and bytes', () => {
  test('are turned into each other as everywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.string({ unit: 'binary' }), (bytes, text) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
        expect([...utf8(text)]).toEqual([...Buffer.from(text, 'utf8')]);
      }),
    );
  });

  test('have one spelling: base 64 with stray bits, wrong padding or other letters is none', () => {
    for (const text of ['AB==', 'AA=', 'AAA', 'A', 'AA-_', 'AA\n=', 'AAAA====']) {
      expect(fromBase64(text)).toBeUndefined();
    }
  });
});

describe('a signed note', () => {
  test('of the reference implementation is read and its signature holds', () => {
    const key = parseKey(neumann, sha256) ?? fail();
    const note = parseNote(problem) ?? fail();
    expect(formatKey(key)).toBe(neumann);
    expect(isSignedBy(note, key, verifyEd25519)).toBe(true);
    expect(isSignedBy({ ...note, text: note.text.replace('answer', 'Answer') }, key, verifyEd25519)).toBe(
      false,
    );
    expect(formatNote(note)).toBe(problem);
  });

  test('of our own is read back as it was written, whatever its text', () => {
    const log = testKey('penstock/water/west/01234567', KeyTypes.ed25519);
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/\p{Cc}/gu, ''));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
        const text = `x${lines.join('\n')}\n`;
        const bytes = log.sign(utf8(text));
        const note = { text, signatures: [{ name: log.key.name, keyId: log.key.keyId, bytes }] };
        const read = parseNote(formatNote(note)) ?? fail();
        expect(read.text).toBe(text);
        expect(isSignedBy(read, log.key, verifyEd25519)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['nothing', ''],
    ['no signature', 'text\n'],
    ['no blank line', 'text\n— a AAAAAAA=\n'],
    ['a hyphen for the dash', 'text\n\n- a AAAAAAA=\n'],
    ['a signature cut short', 'text\n\n— a AAAA\n'],
    ['no newline at its end', 'text\n\n— a AAAAAAA='],
    ['a plus sign in a name', 'text\n\n— a+b AAAAAAA=\n'],
    ['a control character', 'te\u0001xt\n\n— a AAAAAAA=\n'],
    ['too many signatures', `text\n\n${'— a AAAAAAA=\n'.repeat(65)}`],
  ])('with %s is none', (_, note) => expect(parseNote(note)).toBeUndefined());

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const read of [parseNote, parseTreeHead, parseTlogProof]) read(text);
        parseKey(text, sha256);
      }),
    );
  });

  test('is not taken for signed by a key of another name or another id', () => {
    const log = testKey('penstock/water/west/01234567', KeyTypes.ed25519);
    const text = 'text\n';
    const bytes = log.sign(utf8(text));
    for (const named of [{ name: 'other' }, { keyId: '00000000' }]) {
      const signature = { name: log.key.name, keyId: log.key.keyId, bytes, ...named };
      expect(isSignedBy({ text, signatures: [signature] }, log.key, verifyEd25519)).toBe(false);
    }
  });

  test('names a key only by an id that belongs to it', () => {
    expect(parseKey(neumann.replace('c74f20a3', 'c74f20a4'), sha256)).toBeUndefined();
    expect(parseKey(neumann.replace('PeterNeumann', 'Peter'), sha256)).toBeUndefined();
    expect(parseKey(neumann.slice(0, -4), sha256)).toBeUndefined();
  });
});

describe('a checkpoint', () => {
  test('of the specification is read and written as it stands there', () => {
    const note = parseNote(sofa) ?? fail();
    const head = parseTreeHead(note.text) ?? fail();
    expect(head).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
    expect(formatTreeHead(head)).toBe(note.text);
    expect(formatNote(note)).toBe(sofa);
  });

  test.each([
    ['a size with a leading zero', 'o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['a size beyond exact numbers', 'o\n9999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['a negative size', 'o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['no origin', '\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['a short root', 'o\n1\nCsUYapGGPo4dkMgI\n'],
    ['an empty extension line', 'o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nx\n'],
    ['no newline at its end', 'o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I='],
  ])('with %s is none', (_, text) => expect(parseTreeHead(text)).toBeUndefined());

  const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';

  test('commits to the acts in an extension line, and is written as it was read', () => {
    const text = `o\n9\n${root}\nacts 4 ${root}\n`;
    const head = parseTreeHead(text) ?? fail();
    expect(head.acts).toEqual({ count: 4, root: head.root });
    expect(formatTreeHead(head)).toBe(text);
  });

  test('may bear extension lines of others, before and after', () => {
    const head = parseTreeHead(`o\n9\n${root}\nactsy\nacts 0 ${root}\nmore acts\n`);
    expect(head?.acts?.count).toBe(0);
    expect(parseTreeHead(`o\n9\n${root}\nactsy 4\n`)?.acts).toBeUndefined();
  });

  test.each([
    ['no count', `acts ${root}`],
    ['nothing', 'acts'],
    ['a count with a leading zero', `acts 04 ${root}`],
    ['more acts than records', `acts 10 ${root}`],
    ['a short root', 'acts 4 CsUYapGGPo4dkMgI'],
    ['something behind the root', `acts 4 ${root} x`],
    ['two of them', `acts 4 ${root}\nacts 4 ${root}`],
  ])('is none with a line of acts that has %s', (_, line) => {
    expect(parseTreeHead(`o\n9\n${root}\n${line}\n`)).toBeUndefined();
  });

  test.each<[string, string, string, boolean]>([
    ['as many', '9 acts 4 A', '9 acts 4 A', true],
    ['as many later', '9 acts 4 A', '12 acts 4 A', true],
    ['more', '9 acts 4 A', '12 acts 7 B', true],
    ['more than there are new records', '9 acts 4 A', '12 acts 8 B', false],
    ['other ones', '9 acts 4 A', '12 acts 4 B', false],
    ['fewer', '9 acts 4 A', '12 acts 3 B', false],
    ['none any more', '9 acts 4 A', '12', false],
    ['the first', '9', '12 acts 4 A', true],
  ])('with %s acts after another is told from one that can follow it', (_, first, second, can) => {
    expect(actsCanFollow(shortHead(first), shortHead(second))).toBe(can);
  });

  test('may come under the name of its key, or that name and the count of a later history', () => {
    expect(isOriginOf('a/b', 'a/b')).toBe(true);
    expect(isOriginOf('a/b/2', 'a/b')).toBe(true);
    for (const other of ['a/b/02', 'a/b/', 'a/b/x', 'a/bc', 'a', 'a/b/2/3']) {
      expect(isOriginOf(other, 'a/b')).toBe(false);
    }
  });
});

describe('a cosignature', () => {
  const witness = testKey('witness.example/w1', KeyTypes.cosignature);
  const text = parseNote(sofa)?.text ?? '';
  const at = 1_679_315_147_000;

  test('covers a line for the time and the whole checkpoint', () => {
    expect(Buffer.from(cosignedMessage(text, at)).toString()).toBe(
      'cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
    );
  });

  test('is found with its time, and not under a changed time, text, name or kind of key', () => {
    const line = cosignatureLine(witness.key, at, witness.sign(cosignedMessage(text, at)));
    const note = { text, signatures: [line] };
    expect(cosignatureOf(note, witness.key, verifyEd25519)).toEqual({ witness: witness.key, at });
    const later = Uint8Array.from(line.bytes);
    later[7] = (later[7] ?? 0) + 1;
    expect(cosignatureOf({ text, signatures: [{ ...line, bytes: later }] }, witness.key, verifyEd25519)).toBe(
      undefined,
    );
    expect(cosignatureOf({ ...note, text: text.replace('2085', '2086') }, witness.key, verifyEd25519)).toBe(
      undefined,
    );
    const plain = noteKey(witness.key.name, KeyTypes.ed25519, witness.key.publicKey, sha256);
    expect(cosignatureOf(note, plain, verifyEd25519)).toBe(undefined);
    expect(isSignedBy(note, witness.key, verifyEd25519)).toBe(false);
  });

  test('of the specification has the layout of ours', () => {
    const signature = parseNote(sofa)?.signatures[1] ?? fail();
    expect(signature.bytes).toHaveLength(72);
    expect(new DataView(signature.bytes.slice(0, 8).buffer).getBigUint64(0)).toBe(1_679_315_147n);
  });
});

describe('a proof that stands by itself', () => {
  test('is read back as it was written', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const one = fc.record(
      {
        index: fc.nat(),
        proof: fc.array(hash, { maxLength: 20 }),
        checkpoint: fc.constant(sofa),
        extra: fc.uint8Array(),
      },
      { requiredKeys: ['index', 'proof', 'checkpoint'], noNullPrototype: true },
    );
    fc.assert(
      fc.property(one, (proof) => {
        expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof);
      }),
    );
  });

  test.each([
    ['another version', 'c2sp.org/tlog-proof@v2\nindex 1\n\nx'],
    ['no index', 'c2sp.org/tlog-proof@v1\n\nx'],
    ['an index with a leading zero', 'c2sp.org/tlog-proof@v1\nindex 01\n\nx'],
    ['a hash cut short', 'c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx'],
  ])('with %s is none', (_, text) => expect(parseTlogProof(text)).toBeUndefined());
});

function fail(): never {
  throw new Error('not read');
}

/** A head told as `SIZE acts COUNT LETTER`. */
function shortHead(text: string) {
  const [size, , count, letter = ''] = text.split(' ');
  const root = new Uint8Array(32).fill(letter.charCodeAt(0));
  const head = { origin: 'o', size: Number(size), root: new Uint8Array(32) };
  return count === undefined ? head : { ...head, acts: { count: Number(count), root } };
}
