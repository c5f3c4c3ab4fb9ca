import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonSchema } from '../../../policy/model/schema.ts';

const shipped = new URL('../../../policy/model/zone-model.schema.json', import.meta.url);

test('the shipped JSON Schema is what `npm run schema` writes', () => {
  expect(JSON.parse(readFileSync(shipped, 'utf8'))).toEqual(JSON.parse(jsonSchema()));
});

test('it is draft-07 and uses only what the reader understands', () => {
  const understood = new Set([
    ...['$schema', 'title', 'description', 'type', 'const', 'enum', 'anyOf', 'properties', 'required'],
    ...['patternProperties', 'additionalProperties', 'items', 'minItems', 'pattern', 'minimum', 'maximum'],
    ...['exclusiveMinimum', 'examples', 'errorMessage'],
  ]);
  const schema: unknown = JSON.parse(jsonSchema());
  expect((schema as { $schema: string }).$schema).toBe('http://json-schema.org/draft-07/schema#');
  expect(keywordsOf(schema).filter((keyword) => !understood.has(keyword))).toEqual([]);
});

test('every object is closed, so that no key is ever ignored', () => {
  const open = objectsOf(JSON.parse(jsonSchema())).filter((shape) => shape['additionalProperties'] !== false);
  expect(open).toEqual([]);
});

type Json = Record<string, unknown>;

/** Schemas inside a schema; `properties` and `patternProperties` hold names, not keywords. */
function schemasOf(schema: unknown): Json[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const shape = schema as Json;
  const named = [shape['properties'], shape['patternProperties']].flatMap((part) =>
    Object.values(part ?? {}),
  );
  const parts = [...named, ...((shape['anyOf'] as unknown[] | undefined) ?? []), shape['items']];
  return [shape, ...parts.flatMap(schemasOf)];
}

function keywordsOf(schema: unknown): string[] {
  return [...new Set(schemasOf(schema).flatMap((shape) => Object.keys(shape)))];
}

function objectsOf(schema: unknown): Json[] {
  return schemasOf(schema).filter((shape) => shape['type'] === 'object');
}
