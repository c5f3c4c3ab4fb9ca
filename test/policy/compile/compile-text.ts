import { compile } from '../../../policy/compile/compile.ts';
import type { Finding } from '../../../policy/finding.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import type { Policy } from '../../../rules/policy.ts';

/** The day every compile test lives on. */
export const Today = Date.UTC(2026, 10, 20);

/** The options of a test compile, for one gateway. */
export const options = (gateway: string) => ({
  gateway,
  now: Today,
  notBefore: undefined,
  modelDigest: Uint8Array.from({ length: 32 }, () => 7),
  compiler: 'penstock 0.1.0',
});

/** Reads a model that must be readable. */
export function modelOf(text: string, file = 'zones.yaml'): ZoneModel {
  const read = readModel(text, file);
  if (!read.ok) throw new Error(JSON.stringify(read.findings, null, 1));
  return read.model;
}

/** Compiles a model for each of its gateways. */
export function compileText(
  text: string,
  file = 'zones.yaml',
): { readonly findings: readonly Finding[]; readonly policies: ReadonlyMap<string, Policy> } {
  const model = modelOf(text, file);
  // Some models leave the beginning to the command line.
  const notBefore = model.metadata.reviewed === undefined ? Date.UTC(2026, 5, 1) : undefined;
  const results = model.gateways.map(
    ({ name }) => [name, compile(model, { ...options(name), notBefore })] as const,
  );
  return {
    findings: results.flatMap(([, { findings }]) => findings),
    policies: new Map(results.flatMap(([name, result]) => (result.ok ? [[name, result.policy]] : []))),
  };
}
