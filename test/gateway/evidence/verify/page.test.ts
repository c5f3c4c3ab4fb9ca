import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildVerifierPage, linkModules } from '../../../../gateway/evidence/verify/build-page.ts';
import { decodeRecord as decodeOnPage } from '../../../../gateway/evidence/verify/page/decode-record.ts';
import { decodeRecord, encodeRecord } from '../../../../rules/record/codec.ts';
import { arbitraryRecord } from '../../../rules/record/arbitrary-record.ts';
import { beginning, makePasskey, session } from './sessions.ts';

describe('what the page reads of a record', () => {
  test('is what the gateway reads', () => {
    const kinds = arbitraryRecord().filter(({ kind }) => ['act', 'operation', 'chunk'].includes(kind));
    fc.assert(
      fc.property(kinds, (record) => {
        const { type, payload } = encodeRecord(record);
        expect(decodeOnPage(type, payload)).toEqual(decodeRecord(type, payload));
      }),
      { numRuns: 500 },
    );
  });

  test('is it also for a whole session', () => {
    const passkey = makePasskey();
    const chunks = [Uint8Array.of(1)];
    for (const record of [...beginning(passkey), ...session({ grant: 'G-AAAA', at: 10, passkey, chunks })]) {
      const { type, payload } = encodeRecord(record);
      expect(decodeOnPage(type, payload)).toEqual(decodeRecord(type, payload));
    }
  });

  test('is nothing where the bytes are no record', () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 5, 6, 77), fc.uint8Array({ maxLength: 64 }), (type, payload) => {
        const { ok } = decodeOnPage(type, payload);
        if (!decodeRecord(type, payload).ok && type === 77) expect(ok).toBe(false);
      }),
    );
  });
});

describe('the page', () => {
  const page = buildVerifierPage('{"grant":"</script><script>alert(1)</script>"}');

  test('is one file that asks for nothing', () => {
    expect(page).not.toMatch(/<link|\bsrc=|https?:|\bimport\b[^.]*from/);
    expect(page).toContain("default-src 'none'");
  });

  test('is not ended by what stands in the evidence', () => {
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });

  test('is built of modules that no page could load otherwise only when they need nothing of Node', () => {
    const room = join(import.meta.dirname, '../../../../gateway/evidence/verify');
    expect(() => linkModules(join(room, 'node-crypto.ts'))).toThrow(/node:crypto/);
  });
});
