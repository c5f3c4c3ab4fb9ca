import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import { rewrite } from '../../../policy/prove/mutate/rewrite.ts';
import { runMutants } from '../../../policy/prove/mutate/run-mutants.ts';
import { example, modelOf, Now } from './plants.ts';

const Flat = fileURLToPath(new URL('../../../policy/examples/flat-network.zones.yaml', import.meta.url));

describe('the mutants of a model', () => {
  test('drop or widen each rule once, and say which', () => {
    const { results } = runMutants(example('flat-network'), Now);
    const words = results.map(({ mutant: { what } }) => what);
    expect(new Set(words).size).toBe(words.length);
    expect(words).toEqual(
      expect.arrayContaining([
        'C-01/F-01 dropped',
        'C-01/F-01 without its destination press-2',
        'C-01/F-01 with one port more',
        'C-01/F-01 without inspection',
        'press-operation/1 with address 21 too',
        'press-operation/1 with values up to 251',
        'press-operation/1 without its step',
        'press-operation/2 with function 15 too',
      ]),
    );
  });

  test('are noticed once the tests that are suggested are written down', () => {
    const text = readFileSync(Flat, 'utf8');
    const before = runMutants(modelOf(text), Now);
    const suggested = before.results.flatMap(({ suggestion }) => suggestion ?? []);
    expect(suggested.length).toBeGreaterThan(20);
    const more = suggested.map((each) => `  - ${each.text}\n`).join('');
    const grown = text.includes('\ntests:\n')
      ? text.replace('\ntests:\n', `\ntests:\n${more}`)
      : `${text}\ntests:\n${more}`;
    const after = runMutants(modelOf(grown), Now);
    const missed = (report: typeof before) =>
      report.results.filter(({ outcome, suggestion }) => outcome === 'missed' && suggestion !== undefined);
    expect(missed(after).map(({ mutant }) => mutant.what)).toEqual([]);
    expect(after.score).toBeGreaterThan(before.score);
  }, 60_000);

  test('say nothing as long as a test or an invariant fails by itself', () => {
    const model = example('waterworks', [
      'unit: 1, fc: 6, address: 100, value: 500',
      'unit: 1, fc: 6, address: 100, value: 5000',
    ]);
    const { failing, results } = runMutants(model, Now);
    expect(failing).toEqual(['scada sets a flow setpoint']);
    expect(results).toEqual([]);
  });
});

describe('a rewritten model', () => {
  test('names what is changed by its new self everywhere', () => {
    const model = example('waterworks');
    const flow = model.flows.find(({ id }) => id === 'C-05/F-01')!;
    const next = rewrite(model, { flow: (each) => (each === flow ? { ...each, ticket: 'new' } : each) });
    const tickets = (of: ZoneModel) =>
      [
        ...of.flows,
        ...of.essentialFlows.map((ref) => ref.flow),
        ...of.modes.flatMap(({ keep, recover, profiles }) => [
          ...keep,
          ...recover,
          ...profiles.map((each) => each.flow),
        ]),
        ...of.tests.flatMap(({ by }) => by ?? []),
        ...of.invariants.flatMap((each) => (each.kind === 'only' ? each.allow : [])),
      ].filter(({ id }) => id === 'C-05/F-01');
    expect(tickets(model).length).toBeGreaterThan(5);
    expect(tickets(next).map(({ ticket }) => ticket)).toEqual(tickets(model).map(() => 'new'));
    expect(new Set(tickets(next)).size).toBe(1);
  });

  test('has no trace of a flow that is gone', () => {
    const model = example('waterworks');
    const next = rewrite(model, { flow: (each) => (each.id === 'C-05/F-01' ? undefined : each) });
    const named = [next.essentialFlows, next.modes, next.invariants, next.flows].flatMap((part) =>
      JSON.stringify(part, plainly),
    );
    expect(named.join('')).not.toContain('C-05/F-01');
  });

  test('is the same where nothing is changed', () => {
    const model = example('waterworks');
    expect(rewrite(model, {})).toEqual(model);
  });
});

function plainly(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
