import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding, Severity } from '../../policy/finding.ts';
import type { Waiver } from '../../policy/model/claims.ts';
import { readModel } from '../../policy/model/read-model.ts';
import type { ZoneModel } from '../../policy/model/zone-model.ts';
import { applyWaivers } from '../../policy/waiver.ts';

const now = Date.UTC(2026, 10, 21);
const day = 86_400_000;
const none: ReadonlySet<string> = new Set();

describe('a waiver', () => {
  test('takes the warning it names out, and keeps it with its reason', () => {
    const { findings, waived } = judged([finding('C-213', 'C-01/F-02')], waiver('C-213', 'C-01/F-02'));
    expect(findings).toEqual([]);
    expect(waived).toMatchObject([{ finding: { code: 'C-213' }, waiver: { reason: 'decided' } }]);
  });

  test('of a conduit covers its flows, and no conduit whose name begins alike', () => {
    const said = [finding('C-213', 'C-01/F-02'), finding('C-213', 'C-01'), finding('C-213', 'C-011/F-02')];
    const { findings } = judged(said, waiver('C-213', 'C-01'));
    expect(findings.map(({ about }) => about)).toEqual(['C-011/F-02']);
  });

  test('of a flow does not cover its conduit', () => {
    const { findings } = judged([finding('C-212', 'C-01')], waiver('C-212', 'C-01/F-02'));
    expect(findings.map(({ code }) => code)).toEqual(['C-212', 'R-713']);
  });

  test('covers one code', () => {
    const { findings } = judged([finding('C-220', 'C-01')], waiver('C-213', 'C-01'));
    expect(findings.map(({ code }) => code)).toEqual(['C-220', 'R-713']);
  });

  test('never covers an error, and says that it does not', () => {
    const { findings, waived } = judged([finding('C-201', 'C-01', 'error')], waiver('C-201', 'C-01'));
    expect(waived).toEqual([]);
    expect(findings).toMatchObject([
      { code: 'C-201', severity: 'error' },
      { code: 'R-713', severity: 'info', message: 'C-201 on C-01 is an error, which no waiver accepts.' },
    ]);
  });

  test('ends at its very millisecond, as a warning beside what it was for', () => {
    const ends = (until: number) =>
      judged([finding('C-213', 'C-01')], { ...waiver('C-213', 'C-01'), until }).findings.map(
        ({ code, severity }) => [code, severity],
      );
    expect(ends(now + 1)).toEqual([]);
    expect(ends(now)).toEqual([
      ['C-213', 'warning'],
      ['R-705', 'warning'],
    ]);
  });

  test('that has ended and is not needed is idle, and nothing more', () => {
    const { findings } = judged([], { ...waiver('C-213', 'C-01'), until: now - day });
    expect(findings.map(({ code }) => code)).toEqual(['R-713']);
  });

  test('that another one replaces goes on counting as used', () => {
    const ended = { ...waiver('C-213', 'C-01'), until: now - day };
    const { findings, waived } = judged([finding('C-213', 'C-01')], ended, waiver('C-213', 'C-01'));
    expect(findings.map(({ code }) => code)).toEqual(['R-705']);
    expect(waived).toHaveLength(1);
  });

  test('of something nobody looked for is not idle', () => {
    const model = modelWith([waiver('R-709', 'C-01')]);
    expect(applyWaivers(model, [], now, new Set(['R-709'])).findings).toEqual([]);
  });

  test('for more than a year is said to be long, whatever it is for', () => {
    const { findings } = judged([finding('C-213', 'C-01')], {
      ...waiver('C-213', 'C-01'),
      until: now + 400 * day,
    });
    expect(findings.map(({ code }) => code)).toEqual(['R-714']);
  });

  test('of what is said of waivers accepts nothing', () => {
    const { findings } = judged([], waiver('R-713', 'C-01'));
    expect(findings.map(({ code }) => code)).toEqual(['R-713']);
  });
});

test('no set of waivers loses an error, or makes one', () => {
  const code = fc.constantFrom('C-213', 'C-212', 'R-705', 'R-713');
  const about = fc.constantFrom('C-01', 'C-01/F-02', 'plant');
  const severity = fc.constantFrom<Severity>('error', 'warning', 'info');
  fc.assert(
    fc.property(
      fc.array(fc.record({ code, about, severity })),
      fc.array(fc.record({ code, on: about, until: fc.integer({ min: now - day, max: now + day }) })),
      (said, waivers) => {
        const given = said.map((one) => finding(one.code, one.about, one.severity));
        const all = waivers.map((one) => ({ ...waiver(one.code, one.on), until: one.until }));
        const { findings, waived } = judged(given, ...all);
        const errors = (of: readonly Finding[]) => of.filter((one) => one.severity === 'error');
        expect(errors(findings)).toEqual(errors(given));
        // Everything that was said is still there, on one side or the other.
        expect(new Set([...findings, ...waived.map((one) => one.finding)])).toEqual(
          new Set([...findings, ...given]),
        );
        for (const one of waived) expect(one.waiver.until).toBeGreaterThan(now);
      },
    ),
  );
});

function judged(findings: readonly Finding[], ...waivers: readonly Waiver[]) {
  return applyWaivers(modelWith(waivers), findings, now, none);
}

function modelWith(waivers: readonly Waiver[]): ZoneModel {
  const url = new URL('../golden/lint/ok/minimal.yaml', import.meta.url);
  const read = readModel(readFileSync(url, 'utf8'), 'minimal.yaml');
  if (!read.ok) throw new Error('the minimal model does not read');
  return { ...read.model, waivers };
}

function waiver(code: string, on: string): Waiver {
  return {
    at: { line: 9, column: 5 },
    code,
    on,
    reason: 'decided',
    owner: 'ops@plant.example',
    until: now + day,
  };
}

function finding(code: string, about: string, severity: Severity = 'warning'): Finding {
  return {
    code,
    severity,
    about,
    clause: '',
    message: `${code} of ${about}.`,
    hint: 'Mend it.',
    file: 'a.yaml',
    line: 1,
    col: 1,
  };
}
