import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../policy/compile/compile.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import { NamePattern } from '../../../policy/model/schema-words.ts';
import { MaxComment, MaxLogPrefix, MaxName } from '../../../rules/nft/ruleset.ts';
import { isNftBatch } from '../../../rules/nft/schema.ts';
import { options } from './compile-text.ts';
import { type HostileWords, hostileModel, PlainWords } from './hostile-model.ts';

/** What would mean something to nft, a shell, JSON, a terminal or the log. */
const Hostile = [
  'a"; accept; #',
  "a'; drop table penstock; '",
  'a{}}',
  'a;b',
  'a`id`',
  'a$(reboot)',
  'a|b&&c',
  'a>b<c',
  'a\\u0022b',
  'a\\"b',
  'a\\nb',
  'a*',
  'a,b',
  'a:b',
  'a b',
  'a/b',
  '@inspected',
  '$x',
  '#a',
  '-f',
  '--help',
  '.',
  '..',
  '/etc/passwd',
  '%s%n',
  '\u00e4',
  'a\u202eb',
  'a\u0085b',
  '\u{1f600}',
  'ａ',
  '<script>',
  '{"accept":null}',
  'a'.repeat(64),
  '__proto__',
];

/** Words of nft's own language: fine as parts of names, never as whole ones. */
const Keywords =
  'accept drop reject forward fwd table chain set map all any lo default flush ip inet tcp th mark log 0x7 1e3 normal';

const places = (
  [
    'site',
    'gateway',
    'devices.0',
    'zones.0',
    'zones.1',
    'assets.0',
    'profile',
    'service',
    'conduit',
    'flows.1',
    'gatedConduit',
    'mode',
  ] as const
).map((place) => ({ place }));

describe('a name that is more than a name', () => {
  test.for(places)('is refused at $place with its line, and nothing is compiled', ({ place }) => {
    for (const name of Hostile) {
      const read = readModel(hostileModel(withWord(place, name)), 'zones.yaml');
      expect(read.ok, JSON.stringify(name)).toBe(false);
      expect(read.findings.length).toBeGreaterThan(0);
      for (const { line, col } of read.findings) expect([line, col].every((at) => at >= 1)).toBe(true);
    }
  });

  test('is a name all the same where it is only a word of another language', () => {
    const plain = nftOf(PlainWords);
    for (const word of Keywords.split(' ')) {
      for (const { place } of places) {
        if (place === 'mode' && word === 'normal') continue;
        const nft = nftOf(withWord(place, word));
        expect(nft === undefined, `${place} ${word}`).toBe(false);
        expect(shapeOf(nft) === shapeOf(plain), `${place} ${word}`).toBe(true);
      }
    }
  });
});

test('a name that is a number stays a name', () => {
  for (const { place } of places) {
    const nft = nftOf(withWord(place, '7'));
    expect(nft === undefined, place).toBe(false);
    expect(isNftBatch(JSON.parse(nft ?? '')), place).toBe(true);
  }
});

describe('what only people read', () => {
  test('reaches no ruleset, whatever it says', () => {
    const plain = nftOf(PlainWords);
    const texts = [...Hostile.map((one) => `x${one}`), '"'.repeat(200), '\u{1f600}'.repeat(100)];
    const compiled = texts.map((text) => nftOf({ ...PlainWords, text })).filter((nft) => nft !== undefined);
    // Control characters are no text, and neither is what shows in another order than it is read.
    expect(compiled.length).toBe(texts.length - 2);
    expect(compiled.every((nft) => nft === plain)).toBe(true);
  });

  test('reaches no ruleset, whatever the schema lets through', () => {
    const plain = nftOf(PlainWords);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (text) => {
        expect((nftOf({ ...PlainWords, text }) ?? plain) === plain).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

test('any names the schema lets through give the same rules, within every bound of libnftables', () => {
  const plain = shapeOf(nftOf(PlainWords));
  fc.assert(
    fc.property(words(), (chosen) => {
      const read = readModel(hostileModel(chosen), 'zones.yaml');
      // Two names that are one, a mode called normal: that is told, and no matter of the ruleset.
      if (!read.ok) return;
      const compiled = compile(read.model, options(chosen.gateway));
      if (!compiled.ok) {
        expect(compiled.findings.filter(isError).map(({ code }) => code)).toEqual(
          compiled.findings.filter(isError).map(() => 'K-820'),
        );
        return;
      }
      const { nft } = compiled.policy;
      expect(isNftBatch(JSON.parse(nft))).toBe(true);
      expect(shapeOf(nft) === plain).toBe(true);
      for (const { key, value } of textsOf(JSON.parse(nft))) {
        expect(value).toMatch(/^[@A-Za-z0-9 ._,:/>=!-]+$/);
        if (key === 'prefix') expect(value.length).toBeLessThanOrEqual(MaxLogPrefix);
        else if (key === 'comment') expect(value.length).toBeLessThanOrEqual(MaxComment);
        else expect(value.length).toBeLessThanOrEqual(MaxName + 1);
      }
    }),
    { numRuns: 60 },
  );
});

/** Undefined where the model is refused. */
function nftOf(chosen: HostileWords): string | undefined {
  const read = readModel(hostileModel(chosen), 'zones.yaml');
  if (!read.ok) return undefined;
  const compiled = compile(read.model, options(chosen.gateway));
  return compiled.ok ? compiled.policy.nft : undefined;
}

function withWord(place: string, word: string): HostileWords {
  const [field = '', index] = place.split('.');
  const known = PlainWords[field as keyof HostileWords];
  if (index === undefined || typeof known === 'string') return { ...PlainWords, [field]: word };
  return { ...PlainWords, [field]: known.map((one, at) => (at === Number(index) ? word : one)) };
}

/** Names that are none of each other's: two of one name are told as that. */
function words(): fc.Arbitrary<HostileWords> {
  const distinct = (pattern: RegExp, count: number) =>
    fc.uniqueArray(fc.stringMatching(pattern).filter(isNoNumber), { minLength: count, maxLength: count });
  const short = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
  return fc
    .tuple(
      distinct(new RegExp(NamePattern), 7),
      distinct(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/, 2),
      distinct(/^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$/, 2),
      distinct(short, 6),
      fc.string({ minLength: 1, maxLength: 60 }),
    )
    .map(([names, [first = '', second = ''], [from = '', to = ''], ids, text]) => {
      const [site = '', gateway = '', profile = '', service = '', pc = '', plc = '', camera = ''] = names;
      const [conduit = '', gatedConduit = '', mode = '', one = '', two = '', three = ''] = ids;
      const flows = [one, two, three] as const;
      const ends = { devices: [first, second], zones: [from, to], assets: [pc, plc, camera] } as const;
      return { ...ends, site, gateway, profile, service, conduit, flows, gatedConduit, mode, text };
    });
}

/** What the ruleset is but for its names and numbers: its commands, statements and verdicts. */
function shapeOf(nft: string | undefined): string {
  return (nft ?? '')
    .replace(/("(chain|target|name|prefix|comment|right|data)":)"[^"]*"/g, '$1""')
    .replace(/\d+/g, '0')
    .replace(/"(?!family|nftables)[A-Za-z0-9._/@-]+"(?=[,\]])/g, '""');
}

function textsOf(value: unknown, key = ''): readonly { readonly key: string; readonly value: string }[] {
  if (typeof value === 'string') return [{ key, value }];
  if (Array.isArray(value)) return value.flatMap((one) => textsOf(one, key));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => textsOf(one, name));
}

/** Names that are numbers come first, and the rules in another order. */
function isNoNumber(name: string): boolean {
  return !/^\d+$/.test(name);
}

function isError({ severity }: { readonly severity: string }): boolean {
  return severity === 'error';
}
