import { type Finding, hasErrors } from '../../policy/finding.ts';
import type { VendorAccess } from '../../policy/model/access.ts';
import { didYouMean } from '../../policy/model/suggest.ts';
import { decodePolicy } from '../../rules/bundle/codec.ts';
import { decodeEnvelope } from '../../rules/bundle/envelope.ts';
import type { Policy } from '../../rules/policy.ts';
import { checkModel } from './check.ts';
import { readNamedFile, UsageError } from './output.ts';

/** A policy in memory, or why there is none. */
export type CompiledFile =
  | {
      readonly ok: true;
      readonly policy: Policy;
      /** Who may come in from outside; `undefined` of a bundle, which does not say. */
      readonly vendors: readonly VendorAccess[] | undefined;
      readonly findings: readonly Finding[];
    }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export interface CompileTerms {
  /** The box of the model; may be left out where the model has one only. */
  readonly gateway: string | undefined;
  /**
   * When the policy becomes valid; the day of the model's review where it is not given. `unimportant` for a
   * policy that is only looked at, which needs neither.
   */
  readonly notBefore: number | 'unimportant' | undefined;
  /** The model is looked over as of this moment. */
  readonly now: number;
  /** A test or invariant that fails is to be explained, and does not keep the policy from being looked at. */
  readonly claimsMayFail?: true;
}

/** Judges a model and compiles it for one gateway: what `penstock compile` signs. @throws UsageError */
export function compileFile(file: string, terms: CompileTerms): CompiledFile {
  const compiled = compileGateways(file, terms);
  if (!compiled.ok) return compiled;
  const { policies, vendors, findings } = compiled;
  const name = chooseGateway(
    policies.map((policy) => policy.gateway),
    terms.gateway,
  );
  const policy = policies.find((one) => one.gateway === name);
  return policy === undefined ? { ok: false, findings } : { ok: true, policy, vendors, findings };
}

/** The policies of every gateway of a model, in its order, or of the one that is named. */
export type CompiledGateways =
  | {
      readonly ok: true;
      readonly policies: readonly Policy[];
      readonly vendors: readonly VendorAccess[];
      readonly findings: readonly Finding[];
    }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** As {@link compileFile}; without a name it is all of them or none. @throws UsageError */
export function compileGateways(file: string, terms: CompileTerms): CompiledGateways {
  const { gateway, notBefore, now } = terms;
  const { model, findings, policies } = checkModel(file, {
    now,
    notBefore: notBefore === 'unimportant' ? now : notBefore,
    observed: [],
  });
  // What is wrong with the model comes before which of its boxes is meant.
  const forbidding =
    terms.claimsMayFail === true ? findings.filter(({ code }) => code !== 'T-603') : findings;
  if (model === undefined || hasErrors(forbidding)) return { ok: false, findings };
  const names = model.gateways.map(({ name }) => name);
  const wanted = gateway === undefined ? names : [chooseGateway(names, gateway)];
  const found = wanted.flatMap((name) => policies.find((policy) => policy.gateway === name) ?? []);
  if (found.length < wanted.length) return { ok: false, findings };
  return { ok: true, policies: found, vendors: model.vendors, findings };
}

/** What a bundle holds and who signed it. It verifies no signature. @throws UsageError */
export function readBundle(file: string): { readonly policy: Policy; readonly signers: readonly string[] } {
  const envelope = decodeEnvelope(readNamedFile(file));
  const remedy = 'Name a bundle that penstock compile of this release wrote.';
  if (envelope === undefined) throw new UsageError(`${file} is not a bundle.`, remedy);
  const decoded = decodePolicy(envelope.payload);
  if (!decoded.ok) throw new UsageError(`${file} cannot be read: ${decoded.message}`, remedy);
  // Whoever signs may write anything there, and it goes to a terminal.
  const signers = envelope.signatures.map(({ keyid }) =>
    keyid.replace(/[^0-9A-Za-z:._-]/g, '?').slice(0, 64),
  );
  return { policy: decoded.policy, signers };
}

/** The policy in a bundle, or that of a model, compiled in memory exactly as `penstock compile` does. */
export function readPolicy(file: string, gateway: string | undefined, now: number): CompiledFile {
  if (!isBundle(file))
    return compileFile(file, { gateway, notBefore: 'unimportant', now, claimsMayFail: true });
  const { policy } = readBundle(file);
  if (gateway === undefined || gateway === policy.gateway)
    return { ok: true, policy, vendors: undefined, findings: [] };
  throw new UsageError(
    `${file} is a bundle for ${policy.gateway}, not for ${gateway}.`,
    'Leave --gateway out, or name the model.',
  );
}

function isBundle(file: string): boolean {
  return decodeEnvelope(readNamedFile(file)) !== undefined;
}

function chooseGateway(names: readonly string[], wanted: string | undefined): string {
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    throw new UsageError(`The model has no gateway ${wanted}.`, didYouMean(wanted, names, 'gateways'));
  }
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new UsageError(
    'The model has more than one gateway.',
    `Say which one with --gateway: ${names.join(', ')}.`,
  );
}
