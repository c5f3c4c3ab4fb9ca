import { describe, expect, test } from 'vitest';
import { readModelText } from '../../../policy/learn/model-text.ts';
import { unifiedDiff } from '../../../policy/learn/unified-diff.ts';

describe('the end of a part of a model', () => {
  const text = [
    'conduits:',
    '  C-01:   # first',
    '    flows:',
    '      F-01: {src: a, dst: b}   # kept',
    '      F-02:',
    '        {src: a,',
    '         dst: b}',
    '      # about nothing yet',
    '',
    '  C-02: {flows: {F-01: {src: a}}}',
    'modbus_profiles:',
    '    read:',
    '        allow:',
    '        - {fc: [3]}',
    '        - fc: [4]',
    '          name: >',
    '            folded',
    '            text',
    '    empty: {allow: []}',
    '',
  ].join('\n');
  const source = readModelText(text);

  test.for<[string, readonly string[], object]>([
    ['a map of flows', ['conduits', 'C-01', 'flows'], { after: 7, indent: '      ' }],
    ['a list', ['modbus_profiles', 'read', 'allow'], { after: 18, indent: '        ' }],
    ['a map whose last entry is in brackets', ['conduits'], { after: 10, indent: '  ' }],
    ['the whole', [], { after: 19, indent: '' }],
  ])('of %s', ([, path, spot]) => {
    expect(source.endOf(path)).toEqual(spot);
  });

  test.for<[string, readonly string[], RegExp]>([
    ['that stands in brackets', ['conduits', 'C-02', 'flows'], /stands in brackets/],
    ['that is empty', ['modbus_profiles', 'empty', 'allow'], /no block/],
    ['that is not there', ['conduits', 'C-09', 'flows'], /no block/],
  ])('is not given for one %s', ([, path, problem]) => {
    expect(source.endOf(path)).toMatch(problem);
  });

  test('is behind an alias in the text that has one', () => {
    const aliased = readModelText('a: &x\n  b: 1\nc: *x\n');
    expect(aliased.endOf(['c'])).toMatch(/no block/);
    expect(aliased.endOf([])).toEqual({ after: 3, indent: '' });
  });
});

describe('lines that are added', () => {
  test('leave every other line as it is, in its own line endings', () => {
    for (const ending of ['\n', '\r\n']) {
      const source = readModelText(['a:', '  b: 1 # x', 'c: 2', ''].join(ending));
      const added = source.withLines([{ after: 2, lines: ['  d: 3'] }]);
      expect(added).toBe(['a:', '  b: 1 # x', '  d: 3', 'c: 2', ''].join(ending));
    }
  });

  test('make a diff that patch reads', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
    const diff = unifiedDiff('a.yaml', lines, [
      { after: 15, lines: ['fourth'] },
      { after: 2, lines: ['first', 'second'] },
      { after: 4, lines: ['third'] },
    ]);
    expect(diff).toBe(
      [
        '--- a.yaml',
        '+++ a.yaml',
        '@@ -1,7 +1,10 @@',
        ' line 1',
        ' line 2',
        '+first',
        '+second',
        ' line 3',
        ' line 4',
        '+third',
        ' line 5',
        ' line 6',
        ' line 7',
        '@@ -13,6 +16,7 @@',
        ' line 13',
        ' line 14',
        ' line 15',
        '+fourth',
        ' line 16',
        ' line 17',
        ' line 18',
      ].join('\n'),
    );
    expect(unifiedDiff('a.yaml', lines, [])).toBe('');
  });
});
