import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFinding } from '../../../policy/finding.ts';
import { judge } from '../../../policy/judge.ts';
import { readModel } from '../../../policy/model/read-model.ts';

const example = readFileSync(
  new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url),
  'utf8',
);
const lines = example.split('\n');

test('any model that reads is judged, whatever was taken out of it or put twice into it', () => {
  const words = [...new Set(example.match(/[A-Za-z0-9][\w./-]+/g))];
  const change = fc.record({
    line: fc.integer({ min: 8, max: lines.length - 1 }),
    word: fc.constantFrom(...words),
    how: fc.constantFrom('remove', 'replace', 'swap'),
  });
  let judged = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const changed = [...lines];
      for (const { line, word, how } of changes) {
        const text = changed[line] ?? '';
        if (how === 'remove') changed[line] = '';
        else if (how === 'replace') changed[line] = text.replace(/(?<=: )[\w./-]+/, word);
        else changed[line] = text.replace(/\d+/, (number) => String(Number(number) * 7));
      }
      const read = readModel(changed.join('\n'), 'changed.yaml');
      if (!read.ok) return;
      judged++;
      for (const finding of judge(read.model, Terms).findings) {
        expect(finding.line).toBeGreaterThan(0);
        expect(finding.line).toBeLessThanOrEqual(lines.length);
        expect(finding.message).toMatch(/[.)]$/);
        expect(finding.hint).not.toBe('');
        expect(formatFinding(finding)).not.toMatch(/undefined|NaN|\[object/);
      }
    }),
    { numRuns: 60 },
  );
  expect(judged).toBeGreaterThan(10);
});

const Terms = {
  now: Date.UTC(2026, 10, 21),
  observed: [],
  notBefore: undefined,
  modelDigest: new Uint8Array(32),
  compiler: 'test',
};
