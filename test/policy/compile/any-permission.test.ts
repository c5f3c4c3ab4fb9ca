import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../../policy/compile/compile.ts';
import { lint } from '../../../policy/lint/lint.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import { decodePolicy } from '../../../rules/bundle/codec.ts';
import { encodePolicy } from '../../../rules/bundle/payload.ts';
import { ValueTypes } from '../../../rules/modbus/profile.ts';
import { options, Today } from './compile-text.ts';

const minimal = readFileSync(new URL('../../golden/lint/ok/minimal.yaml', import.meta.url), 'utf8');

/** Numbers that sit on and around the limits of what they are for. */
const around = (...limits: readonly number[]) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...limits) },
    { weight: 1, arbitrary: fc.constantFrom(...limits.flatMap((limit) => [limit - 1, limit + 1])) },
  );
const range = (...limits: readonly number[]) =>
  fc.oneof(
    around(...limits),
    fc.tuple(around(...limits), around(...limits)).map(([first, last]) => `${first}-${last}`),
  );
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(shape: T) =>
  fc.record(shape, { requiredKeys: [] });
const duration = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('PT0.001S', 'PT10S', 'P30D') },
  { weight: 1, arbitrary: fc.constantFrom('PT0S', 'P31D', 'PT5') },
);
const oneOrMore = <T>(item: fc.Arbitrary<T>) =>
  fc.oneof(item, fc.array(item, { minLength: 1, maxLength: 3 }));

const value = optional({
  type: fc.constantFrom(...ValueTypes),
  words: fc.constantFrom('big', 'little'),
  bytes: fc.constantFrom('big', 'little'),
  bits: range(0, 15, 31),
  min: fc.oneof(around(0, 65_535), fc.double()),
  max: fc.oneof(around(0, 65_535, 4_294_967_295), fc.double()),
  allowed: fc.array(around(0, 255), { minLength: 1, maxLength: 3 }),
});
const refusal = fc.oneof(
  fc.constantFrom('exception', 'drop', 'exception-close', 'reset'),
  optional({ action: fc.constantFrom('drop', 'reset'), codes: optional({ interlock: around(1, 11) }) }),
);
const full = fc.record({
  fc: fc.oneof(
    fc.constantFrom('read-only', 'operator', 'engineering'),
    oneOrMore(fc.constantFrom(1, 3, 5, 6, 8, 15, 16, 20, 21, 22, 23, 24, 43, 90, 100, 127)),
  ),
  units: oneOrMore(range(0, 247, 255)),
  address: oneOrMore(range(0, 40, 65_535)),
  read_address: range(0, 65_535),
  quantity: fc.record({ max: around(0, 125, 2000) }),
  sub: oneOrMore(range(0, 18, 65_535)),
  mei: fc.array(around(0, 13, 255), { minLength: 1, maxLength: 2 }),
  files: fc.array(fc.record({ file: range(1, 65_535), records: range(0, 9999) }), {
    minLength: 1,
    maxLength: 2,
  }),
  max_bytes: around(8, 260, 4096),
  value: oneOrMore(value),
  max_step: fc.oneof(
    fc.double(),
    optional({ max: around(0, 5), per_minute: fc.double(), no_older_than: duration }),
  ),
  min_interval: duration,
  writes_per_minute: around(0, 10_000),
  when: oneOrMore(
    fc.record({
      read: fc.record({ fc: around(1, 4), unit: around(0, 255), address: around(0, 65_535) }),
      is: around(0, 1, 65_535),
      no_older_than: duration,
    }),
  ),
  unknown: fc.constantFrom('refuse', 'allow'),
  on_refuse: refusal,
  name: fc.string({ minLength: 1, maxLength: 5 }),
});

/** A permission that says only some of what it could: most that say everything contradict themselves. */
const permission = full.chain(({ fc: functions, units, ...rest }) =>
  fc
    .subarray(Object.keys(rest) as (keyof typeof rest)[], { maxLength: 4 })
    .map((keys) => ({ fc: functions, units, ...Object.fromEntries(keys.map((key) => [key, rest[key]])) })),
);

test('any permission gives findings, or a policy that is of the form a gateway takes', () => {
  let compiled = 0;
  fc.assert(
    fc.property(fc.array(permission, { minLength: 1, maxLength: 2 }), (permissions) => {
      const lines = permissions.map((one) => `      - ${JSON.stringify(one)}\n`).join('');
      const text = minimal.replace(/ {6}- \{fc: \[3\].*\n/, lines);
      const read = readModel(text, 'a.yaml');
      if (!read.ok) {
        expect(read.findings.length).toBeGreaterThan(0);
        return;
      }
      for (const finding of lint(read.model, { now: Today, observed: [] })) expect(finding.hint).not.toBe('');
      const result = compile(read.model, { ...options('box'), notBefore: Today });
      if (!result.ok) throw new Error(JSON.stringify(result.findings));
      expect(decodePolicy(encodePolicy(result.policy))).toEqual({ ok: true, policy: result.policy });
      compiled += 1;
    }),
    { numRuns: 500 },
  );

  expect(compiled).toBeGreaterThan(50);
});
