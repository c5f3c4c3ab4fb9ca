import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askEngine, type EngineAnswer } from '../../../gateway/cli/engine-client.ts';
import { readSigningKey, sealPolicy } from '../../../gateway/cli/seal.ts';
import { readConfig } from '../../../gateway/config.ts';
import { AppliedBody } from '../../../gateway/ipc/snapshot.ts';
import { controlSocket } from '../../../gateway/run/processes.ts';
import { compile } from '../../../policy/compile/compile.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { Policy } from '../../../rules/policy.ts';
import { type Bench, BenchGateway, benchModel } from '../bench.ts';

/** The policy of the bench model, its text changed. */
export function policyOf(change: (model: string) => string): Policy {
  const read = readModel(change(readFileSync(benchModel(), 'utf8')), 'bench.zones.yaml');
  if (!read.ok) throw new Error(read.findings.map(({ message }) => message).join('\n'));
  const now = Date.now();
  const compiled = compile(read.model, {
    gateway: BenchGateway,
    now,
    notBefore: now - 86_400_000,
    modelDigest: new Uint8Array(32),
    compiler: 'penstock test',
  });
  if (!compiled.ok) throw new Error(compiled.findings.map(({ message }) => message).join('\n'));
  return compiled.policy;
}

/** It as a bundle of this version, signed by the bench's key. */
export function sealed(bench: Bench, version: number, policy: Policy): Uint8Array {
  return sealPolicy({ ...policy, version }, readSigningKey(bench.site.privateKey));
}

/** Hands it over as `penstock apply` does; milliseconds 0 confirms it at once. */
export function handOver(
  bench: Bench,
  envelope: Uint8Array,
  confirmWithin: number,
): Promise<EngineAnswer<AppliedBody>> {
  const asked = { kind: 'apply', id: 1, envelope: Buffer.from(envelope).toString('base64') } as const;
  const terms = { by: 'bench', confirmWithin, dryRun: false } as const;
  return askEngine(controlSocket(readConfig(bench.gateway.config)), { ...asked, ...terms }, AppliedBody);
}

/** Path of the load program. */
export const loadProgram = join(import.meta.dirname, 'load.ts');

/** One more plain flow, to a port of plc-dosing. */
export const plusFlow =
  (port: number) =>
  (model: string): string =>
    model.replace(
      / {2}C-02:/,
      `      F-06: {src: eng-ws, dst: plc-dosing, proto: tcp, port: ${port}, ticket: T-7}\n  C-02:`,
    );
