import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flowNumbers } from '../../../policy/compile/flow-numbers.ts';

const ids = fc.uniqueArray(fc.stringMatching(/^C-\d{1,3}\/F-\d{1,3}$/), { maxLength: 300 });

describe('the number of a flow', () => {
  test('is one the kernel can hold, and its own', () => {
    fc.assert(
      fc.property(ids, (some) => {
        const numbers = [...flowNumbers(some).values()];
        expect(new Set(numbers).size).toBe(some.length);
        expect(numbers.every((number) => number >= 1 && number <= 0xff_ffff)).toBe(true);
      }),
    );
  });

  test('is the same in whichever order flows are written', () => {
    fc.assert(
      fc.property(ids, (some) => {
        expect(flowNumbers(some.toReversed())).toEqual(flowNumbers(some));
      }),
    );
  });

  test('stays when others come and go', () => {
    const some = Array.from({ length: 1_000 }, (_, index) => `C-${index % 40}/F-${index}`);
    const all = flowNumbers(some);
    const fewer = flowNumbers(some.filter((_, index) => index % 7 !== 0));
    const changed = [...fewer].filter(([id, number]) => all.get(id) !== number);
    expect(changed).toEqual([]);
  });

  test('is of one box of a pair alone, whichever flows either has', () => {
    fc.assert(
      fc.property(ids, ids, (some, others) => {
        const [mine, theirs] = [flowNumbers(some, 0), flowNumbers(others, 1)];
        expect(new Set(mine.values()).size).toBe(some.length);
        expect([...mine.values()].filter((number) => [...theirs.values()].includes(number))).toEqual([]);
        const all = [...mine.values(), ...theirs.values()];
        expect(all.every((number) => number >= 1 && number <= 0xff_ffff)).toBe(true);
      }),
    );
  });

  test('is another one where two ids would have the same', () => {
    // These two share a hash.
    const [one, other] = twins();
    const numbers = flowNumbers([one, other]);
    expect(numbers.get(one)).not.toBe(numbers.get(other));
    expect([flowNumbers([one]).get(one), flowNumbers([other]).get(other)]).toEqual(
      Array.from({ length: 2 }, () => flowNumbers([one]).get(one)),
    );
  });
});

function twins(): readonly [string, string] {
  const seen = new Map<number, string>();
  for (let index = 0; ; index += 1) {
    const id = `C-1/F-${index}`;
    const number = flowNumbers([id]).get(id) ?? 0;
    const twin = seen.get(number);
    if (twin !== undefined) return [twin, id];
    seen.set(number, id);
  }
}
