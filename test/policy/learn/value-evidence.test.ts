import { describe, expect, test } from 'vitest';
import { createValueEvidence } from '../../../policy/learn/value-evidence.ts';

describe('the type of what was written', () => {
  test.for<[string, readonly (readonly number[])[], object | undefined]>([
    ['nothing written', [], undefined],
    ['one register', [[20], [35], [18]], { type: 'u16', min: 18, max: 35 }],
    ['around zero', [[0xffff], [0], [3]], { type: 's16', min: -1, max: 3 }],
    ['large and unsigned', [[0x7fff], [0x8001]], { type: 'u16', min: 0x7fff, max: 0x8001 }],
    [
      'floats, most significant first',
      [floats(1.5), floats(2.25), floats(12.5)],
      { type: 'f32', words: 'big', min: 1.5, max: 12.5 },
    ],
    [
      'floats, least significant first',
      [floats(1.5).toReversed(), floats(2.25).toReversed(), floats(-12.5).toReversed()],
      { type: 'f32', words: 'little', min: -12.5, max: 2.25 },
    ],
    ['too few floats to believe it', [floats(1.5), floats(2.25)], { type: 'u16' }],
    ['a float that is no measurement', [floats(1.5), floats(2), floats(3), [0x7f80, 1]], { type: 'u16' }],
    [
      '32 bits',
      [
        [1, 0],
        [2, 500],
        [1, 7],
      ],
      { type: 'u32', words: 'big', min: 0x1_0000, max: 0x2_01f4 },
    ],
    ['three registers', [floats(1.5).concat(1), floats(2).concat(1), floats(3).concat(2)], { type: 'u16' }],
  ])('%s', ([, writes, expected]) => {
    const evidence = createValueEvidence();
    for (const words of writes) evidence.add(words);
    if (expected === undefined) expect(evidence.guess()).toBeUndefined();
    else expect(evidence.guess()).toMatchObject(expected);
  });

  test('is that of all that is merged, and no more is kept than decides it', () => {
    const [one, other] = [createValueEvidence(), createValueEvidence()];
    for (let value = 0; value < 60_000; value++) one.add([value]);
    other.add([65_000]);
    one.merge(other);
    expect(one.guess()).toMatchObject({ type: 'u16', min: 0, max: 65_000 });
    expect([...one.state.values()].every(({ different }) => different.size <= 3)).toBe(true);
  });
});

function floats(value: number): readonly number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}
