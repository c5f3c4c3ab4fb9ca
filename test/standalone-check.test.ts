import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { Check } from '../rules/bundle/policy-code.ts';
import { PolicySchema } from '../rules/bundle/policy-schema.ts';
import { samplePolicy } from './rules/bundle/sample-policy.ts';
import { standaloneChecks } from './standalone-check.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the checks an inspector loads are those of the schemas', () => {
  for (const [file, text] of Object.entries(standaloneChecks())) expect(read(file), file).toBe(text);
});

test('a policy passes the check an inspector loads where it passes the schema, and nowhere else', () => {
  const schema = Compile(PolicySchema);
  const policy = samplePolicy;
  expect(Check(policy)).toBe(true);
  for (const broken of brokenOnce(policy))
    expect(Check(broken), JSON.stringify(broken)).toBe(schema.Check(broken));
});

test('an inspector loads no library of schemas, which takes more memory than 500 connections', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const walk = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of loadedBy(file)) {
      if (!specifier.startsWith('.')) packages.add(specifier);
      else if (specifier.endsWith('.ts')) walk(normalize(join(dirname(file), specifier)));
    }
  };
  walk('gateway/inspector/main.ts');
  expect([...packages].filter((name) => name.startsWith('typebox') && name !== 'typebox/guard')).toEqual([]);
  expect(seen).toContain('rules/bundle/policy-code.ts');
});

/** Copies of a value in which one place holds something else, or nothing. */
function brokenOnce(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    const [first] = value;
    return first === undefined ? [[null]] : brokenOnce(first).map((one) => [one, ...value.slice(1)]);
  }
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    const deeper = Object.entries(value).flatMap(([key, field]) =>
      brokenOnce(field).map((one) => ({ ...value, [key]: one })),
    );
    return [{ ...value, unknown: 1 }, ...deeper];
  }
  return [undefined, null, -1, 0.5, 1e300, '', 'a\u0000', {}, []];
}

/** What a file loads when it runs; types are taken out before. */
function loadedBy(file: string): readonly string[] {
  const statements =
    /^(?:import|export)\s+(?!type\b)[^'";]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm;
  return [...read(file).matchAll(statements)].map(([, from, bare, called]) => from ?? bare ?? called ?? '');
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
