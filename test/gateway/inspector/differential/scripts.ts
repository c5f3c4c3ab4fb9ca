import fc from 'fast-check';
import { CloseWait, HalfCloseWait } from '../../../../gateway/inspector/connection.ts';
import { mutate } from '../../../rules/modbus/fuzz/mutate.ts';
import { policies } from '../../../rules/modbus/fuzz/policies.ts';
import { createRandom } from '../../../rules/modbus/fuzz/random.ts';
import { aduOf, concatenate, randomRequest } from '../../../rules/modbus/fuzz/random-adu.ts';
import { Manners, type Step } from './play.ts';

const Names = Object.keys(policies);
const side = fc.constantFrom('client', 'server');

/** Requests of all kinds, most of them well-formed, cut anywhere: between ADUs, within each, at every byte. */
function asking(policy: string): fc.Arbitrary<Step> {
  return fc
    .record({
      seed: fc.nat(),
      count: fc.integer({ min: 1, max: 20 }),
      wrong: fc.boolean(),
      cuts: fc.oneof(
        { weight: 3, arbitrary: fc.constant([] as number[]) },
        { weight: 3, arbitrary: fc.array(fc.nat(), { maxLength: 6 }) },
        { weight: 1, arbitrary: fc.constant('every byte' as const) },
      ),
    })
    .map(({ seed, count, wrong, cuts }) => {
      const random = createRandom(seed);
      const { profile } = policies[policy] ?? policies['operator']!;
      const bytes = concatenate(
        Array.from({ length: cuts === 'every byte' ? Math.min(count, 2) : count }, (_, id) =>
          wrong && random.once(8)
            ? mutate(random, profile, id)
            : aduOf(0x100 + id, ...randomRequest(random, profile)),
        ),
      );
      const at = cuts === 'every byte' ? [...bytes.keys()] : cuts.map((cut) => cut % (bytes.length + 1));
      const places = [...new Set([0, ...at, bytes.length])].toSorted((one, other) => one - other);
      const pieces = places.slice(1).map((end, index) => bytes.slice(places[index], end));
      return { do: 'ask', pieces: pieces.filter(({ length }) => length > 0) };
    });
}

/**
 * All that a connection waits for. Of a reset after an end descriptors tell at once and streams do not: there it ends when
 * its time is over.
 */
const Afterwards: readonly Step[] = [
  { do: 'wait', milliseconds: HalfCloseWait + 1 },
  { do: 'wait', milliseconds: CloseWait + 1 },
];

/** A connection from its first byte to whatever ends it. */
export const scripts = fc.constantFrom(...Names).chain((policy) =>
  fc.record({
    policy: fc.constant(policy),
    steps: fc
      .array(
        fc.oneof(
          { weight: 8, arbitrary: asking(policy) },
          {
            weight: 2,
            arbitrary: fc.record({ do: fc.constant('answer' as const), how: fc.constantFrom(...Manners) }),
          },
          {
            weight: 1,
            arbitrary: fc.record({
              do: fc.constant('say' as const),
              bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }),
            }),
          },
          {
            weight: 2,
            arbitrary: fc.record({
              do: fc.constant('wait' as const),
              milliseconds: fc.constantFrom(1, 999, 1_000, 2_001, 5_001, 31_000),
            }),
          },
          {
            weight: 2,
            arbitrary: fc.record({ do: fc.constant('adopt' as const), policy: fc.constantFrom(...Names) }),
          },
          {
            weight: 1,
            arbitrary: fc.record({
              do: fc.constantFrom('stop reading' as const, 'read on' as const),
              who: side,
            }),
          },
        ),
        { minLength: 1, maxLength: 8 },
      )
      .chain((middle) =>
        fc
          .array(
            fc.oneof(
              fc.record({ do: fc.constantFrom('end' as const, 'reset' as const), who: side }),
              fc.record({ do: fc.constantFrom('cut' as const, 'close' as const) }),
              asking(policy),
              fc.constant({ do: 'wait' as const, milliseconds: 10_001 }),
            ),
            { minLength: 1, maxLength: 4 },
          )
          .map((ending): readonly Step[] => [...middle, ...ending, ...Afterwards]),
      ),
  }),
);
