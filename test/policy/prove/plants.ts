import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readModel } from '../../../policy/model/read-model.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';

export const Now = Date.parse('2026-11-21T12:00:00Z');

/** A shipped example, with some of its text replaced; each replaced text must be there. */
export function example(
  name: 'waterworks' | 'flat-network',
  ...changes: readonly (readonly [string, string])[]
): ZoneModel {
  const path = fileURLToPath(new URL(`../../../policy/examples/${name}.zones.yaml`, import.meta.url));
  let text = readFileSync(path, 'utf8');
  for (const [before, after] of changes) {
    if (!text.includes(before)) throw new Error(`the example does not say ${before}`);
    text = text.replace(before, after);
  }
  return modelOf(text);
}

/** A model of the zones, profiles and so on that a test is about; the box has a leg in every zone. */
export function plant(zones: readonly string[], text: string): ZoneModel {
  return modelOf(
    [
      'apiVersion: penstock/v1',
      'kind: ZoneModel',
      'metadata: {site: bench, owner: ops@plant.example, policy_version: 1, reviewed: 2026-06-01}',
      'gateways:',
      '  box:',
      '    interfaces:',
      ...zones.map((zone, at) => `      leg${at}: {zone: ${zone}}`),
      text,
    ].join('\n'),
  );
}

/** Reads a model that has no error. */
export function modelOf(text: string): ZoneModel {
  const read = readModel(text, 'plant.zones.yaml');
  if (!read.ok) throw new Error(JSON.stringify(read.findings, null, 2));
  return read.model;
}
