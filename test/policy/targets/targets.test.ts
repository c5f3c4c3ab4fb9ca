import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { remark } from '../../../policy/targets/neighbour.ts';
import { renderTarget, type Target, Targets } from '../../../policy/targets/target.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compileText } from '../compile/compile-text.ts';

const golden = new URL('../../golden/targets/', import.meta.url);
const [policy] = compileText(readFileSync(new URL('zones.yaml', golden), 'utf8')).policies.values();
if (policy === undefined) throw new Error('the golden model does not compile');

test.for(Targets)('%s is refused what it cannot hold to, flow by flow', async (target) => {
  const result = renderTarget(policy, target, false);
  if (result.ok) throw new Error('nothing is refused');
  const text = result.refused.map(({ line, sentence }) => `${line} ${sentence}\n`).join('');
  await expect(text).toMatchFileSnapshot(path(`${target}.refused.txt`));
});

test.for(Targets)('%s gets the rest as text, and what was left out as comments', async (target) => {
  for (const { ending, text } of textsOf(target))
    await expect(text).toMatchFileSnapshot(path(`${target}.${ending}`));
});

test.for(Targets)('no inspected port and no granted one is ever opened at %s', (target) => {
  for (const { text } of textsOf(target)) {
    const rules = text.split('\n').filter((line) => !/^\s*[#!]/.test(line));
    expect(rules.join('\n')).not.toMatch(/\b(502|3389)\b/);
  }
});

test.for(Targets)('a policy that %s can hold to needs no leave', (target) => {
  const plain = policy.flows.filter(({ id }) => ['C-01/F-01', 'C-01/F-02', 'C-01/F-05'].includes(id));
  expect(renderTarget({ ...policy, flows: plain }, target, false).ok).toBe(true);
});

test.for(Targets)('what people write is a comment to %s, whatever they write', (target) => {
  const lines = (owner: string) =>
    textsOf(target, named(policy, owner)).flatMap(({ text }) => text.split('\n').length);
  const plain = lines('someone');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (owner) => {
      expect(lines(owner)).toEqual(plain);
      for (const { text } of textsOf(target, named(policy, owner))) expect(text).toMatch(/^[\n\x20-\x7e]*$/);
    }),
    { numRuns: 50 },
  );
});

test('iptables is shut to IPv6 where the policy has none of it', () => {
  const four = policy.flows.filter(({ sources }) =>
    sources.every(({ prefixes }) => prefixes.every((prefix) => !prefix.includes(':'))),
  );
  const six = textsOf('iptables', { ...policy, flows: four }).find(({ ending }) => ending === 'v6.rules');
  expect(six?.text).toMatch(/^:FORWARD DROP/m);
  expect(six?.text.split('\n').filter((line) => line.endsWith('-j ACCEPT'))).toEqual(
    six?.text.split('\n').filter((line) => line.includes('--ctstate RELATED')),
  );
});

test('a remark holds nothing that ends a word, a string or a line anywhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(remark(text)).toMatch(/^[A-Za-z0-9 .,:@/_-]*$/);
    }),
  );
});

function textsOf(target: Target, of: Policy | undefined = policy) {
  if (of === undefined) throw new Error('no policy');
  const result = renderTarget(of, target, true);
  if (!result.ok) throw new Error('refused in spite of being partial');
  return result.texts;
}

function named(from: Policy, owner: string): Policy {
  return { ...from, flows: from.flows.map((flow) => ({ ...flow, source: { ...flow.source, owner } })) };
}

function path(file: string): string {
  return new URL(file, golden).pathname;
}
