import { MaxEnvelopeBytes } from '../../rules/bundle/envelope.ts';
import { printFindings, readTime } from './check.ts';
import { ExitStatus, UsageError, writeNamedFile } from './output.ts';
import { compileFile } from './policy-source.ts';
import { readSigningKey, sealPolicy } from './seal.ts';

export interface CompileOptions {
  /** The box of the model the bundle is for; may be left out where the model has one only. */
  readonly gateway?: string;
  /** Path of the signing key. */
  readonly key?: string;
  readonly out: string;
  /** When the bundle becomes valid; the day of the model's review where it is not given. */
  readonly notBefore?: string;
  /** Prints nothing unless a finding forbids the bundle. */
  readonly quiet?: boolean;
  /** Looks the model over as of this time instead of now. */
  readonly at?: string;
  readonly json?: boolean;
}

/**
 * `penstock compile MODEL`: checks the model and writes the signed bundle of one gateway. The same model,
 * options and key give the same bytes on any day.
 * @returns 1 when a finding forbids it; nothing is written then
 */
export async function compileModel(file: string, options: CompileOptions): Promise<number> {
  if (options.key === undefined) {
    throw new UsageError(
      'A bundle is signed, and --key is missing.',
      'Name the key that penstock keygen made.',
    );
  }
  const key = readSigningKey(options.key);
  const now = readTime('--at', options.at);
  const notBefore = options.notBefore === undefined ? undefined : readTime('--not-before', options.notBefore);
  const compiled = compileFile(file, { gateway: options.gateway, notBefore, now });
  if (!compiled.ok || options.quiet !== true) printFindings(compiled.findings, options.json === true);
  if (!compiled.ok) return ExitStatus.refused;
  const { policy } = compiled;
  const bundle = sealPolicy(policy, key);
  if (bundle.length > MaxEnvelopeBytes) {
    const size = `The bundle has ${bundle.length} bytes, a gateway takes ${MaxEnvelopeBytes}.`;
    throw new UsageError(size, 'Spread the zones over more gateways, or name zones instead of many assets.');
  }
  writeNamedFile(options.out, bundle);
  if (options.json !== true && options.quiet !== true) {
    console.log(
      `${options.out}: ${policy.site} ${policy.gateway} policy version ${policy.version}, ${policy.flows.length} flows, ${bundle.length} bytes`,
    );
  }
  return ExitStatus.good;
}
