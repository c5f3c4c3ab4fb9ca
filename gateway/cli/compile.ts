import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MaxEnvelopeBytes } from '../../rules/bundle/envelope.ts';
import type { Policy } from '../../rules/policy.ts';
import { printFindings, readTime } from './check.ts';
import { ExitStatus, UsageError, writeNamedFile } from './output.ts';
import { compileGateways } from './policy-source.ts';
import { readSigningKey, sealPolicy } from './seal.ts';

export interface CompileOptions {
  /** The box of the model the bundle is for; without it every box gets one. */
  readonly gateway?: string;
  /** Path of the signing key. */
  readonly key?: string;
  /** The file of the bundle; of several bundles the directory, each then named for its gateway. */
  readonly out: string;
  /** When the bundle becomes valid; the day of the model's review where it is not given. */
  readonly notBefore?: string;
  /** Prints nothing unless a finding forbids the bundle. */
  readonly quiet?: boolean;
  /** Looks the model over as of this time instead of now. */
  readonly at?: string;
  /** Only for the text of a neighbour's firewall: a bundle holds all of the model. */
  readonly partial?: boolean;
  readonly json?: boolean;
}

/**
 * `penstock compile MODEL`: checks the model and writes the signed bundle of one gateway, or of each. The same
 * model, options and key give the same bytes on any day.
 * @returns 1 when a finding forbids it; nothing is written then
 */
export async function compileModel(file: string, options: CompileOptions): Promise<number> {
  if (options.partial === true)
    throw new UsageError('A bundle is never partial.', 'Leave --partial out, or say which --target.');
  if (options.key === undefined) {
    throw new UsageError(
      'A bundle is signed, and --key is missing.',
      'Name the key that penstock keygen made.',
    );
  }
  const key = readSigningKey(options.key);
  const now = readTime('--at', options.at);
  const notBefore = options.notBefore === undefined ? undefined : readTime('--not-before', options.notBefore);
  const compiled = compileGateways(file, { gateway: options.gateway, notBefore, now });
  if (!compiled.ok || options.quiet !== true) printFindings(compiled.findings, options.json === true);
  if (!compiled.ok) return ExitStatus.refused;
  const places = placesOf(compiled.policies, options.out);
  // All are made before any is written: half a plant's policy would be worse than none.
  const bundles = compiled.policies.map((policy) => ({ policy, bundle: sealPolicy(policy, key) }));
  for (const { policy, bundle } of bundles) assertSize(policy, bundle);
  for (const { policy, bundle } of bundles) {
    const path = places(policy.gateway);
    writeNamedFile(path, bundle);
    if (options.json === true || options.quiet === true) continue;
    const { site, gateway, version, flows } = policy;
    console.log(
      `${path}: ${site} ${gateway} policy version ${version}, ${flows.length} flows, ${bundle.length} bytes`,
    );
  }
  return ExitStatus.good;
}

/** Where the bundle of each gateway goes. @throws UsageError where several have no directory to go to */
function placesOf(policies: readonly Policy[], out: string): (gateway: string) => string {
  if (policies.length === 1) return () => out;
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(
      `The model has more than one gateway, and ${out} is no directory.`,
      `Make it one for a bundle each, or say which with --gateway: ${policies.map(({ gateway }) => gateway).join(', ')}.`,
    );
  }
  return (gateway) => join(out, `${gateway}.bundle`);
}

function assertSize({ gateway }: Policy, bundle: Uint8Array): void {
  if (bundle.length <= MaxEnvelopeBytes) return;
  throw new UsageError(
    `The bundle of ${gateway} has ${bundle.length} bytes, a gateway takes ${MaxEnvelopeBytes}.`,
    'Spread the zones over more gateways, or name zones instead of many assets.',
  );
}
