import { expect, test } from 'vitest';
import { compile } from '../../../policy/compile/compile.ts';
import { invariantOutcomes, testOutcomes } from '../../../policy/report/outcomes.ts';
import { At, facts, siteText } from './reported.ts';

function policiesOf(text: string) {
  const { model } = facts(text);
  const terms = { gateway: 'gw', now: At, notBefore: At, modelDigest: new Uint8Array(32), compiler: 'test' };
  const compiled = compile(model, terms);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.findings));
  return { model, policies: [compiled.policy] };
}

test('every test of the model has its outcome, and one that fails says so', () => {
  const { model, policies } = policiesOf(
    siteText().replace('value: 60}}', 'value: 20}, given: {last: {40: 18}}}'),
  );
  expect(testOutcomes(model, policies, At)?.map(({ name, ok }) => `${name}: ${ok}`)).toEqual([
    'the operator sets a speed: true',
    'nobody runs a pump too fast: false',
    'the office stays out: true',
  ]);
});

test('without a policy no test has an outcome', () => {
  expect(testOutcomes(facts(siteText()).model, [], At)).toBeUndefined();
});

test('an invariant says in words what it states, and that it holds', () => {
  const [never, writers] = invariantOutcomes(facts(siteText()).model, At);
  expect(never).toMatchObject({ name: 'I-1', ok: true });
  expect(never?.sentence).toMatch(/^no traffic from office \(whole zone\) to trip \(whole zone\): /);
  expect(writers).toMatchObject({ name: 'I-2', ok: true });
  expect(writers?.sentence).toMatch(/^at most 2 clients may send Modbus writes to any one of plc-1: /);
});

test('what a vendor may do beside the flows is part of what is stated', () => {
  const text = siteText().replace(
    'never: {from: office, to: trip}',
    'only: {from: "*", to: trip, allow: [maker]}',
  );
  expect(invariantOutcomes(facts(text).model, At)[0]?.sentence).toContain('by sessions of maker only: ');
});

test('a bridge between zones breaks a statement about them, and the outcome says so', () => {
  const text = siteText().replace(
    'never: {from: office, to: trip}',
    'never: {from: office, to: [supervision, pumps]}',
  );
  expect(invariantOutcomes(facts(text).model, At)[0]).toMatchObject({ name: 'I-1', ok: false });
});
