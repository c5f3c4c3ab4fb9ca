import { vendorTargets } from '../../rules/admission/vendor-targets.ts';
import { findProblem } from '../../rules/bundle/codec.ts';
import { type Policy, PolicyFormat } from '../../rules/policy.ts';
import { formatTime } from '../../rules/time.ts';
import { type Finding, hasErrors, sortFindings } from '../finding.ts';
import { addPeriod } from '../model/period.ts';
import type { Gateway, ZoneModel } from '../model/zone-model.ts';
import { compileAssets, compileConduits, compileInterfaces, compileZones } from './box.ts';
import { type CompileReport, createCompileReport } from './findings.ts';
import { compileFlows } from './flows.ts';
import { compileModes } from './modes.ts';
import { renderNftRuleset } from './nft-ruleset.ts';
import { compilePair } from './pair.ts';
import { compileProfiles } from './profiles.ts';
import { compileEgress, compileServices } from './services.ts';
import { compileTests } from './tests.ts';
import { compileUndeclared } from './undeclared.ts';
import { compileVendors } from './vendors.ts';

export interface CompileOptions {
  /** Name of one gateway of the model. */
  readonly gateway: string;
  /** Wall time, milliseconds: permissions that have ended by then are left out. Nothing else depends on it. */
  readonly now: number;
  /** Start of validity, milliseconds; without it the day of the model's review, else of its approval. */
  readonly notBefore: number | undefined;
  /** SHA-256 of the model text. */
  readonly modelDigest: Uint8Array;
  /** Name and release of the compiler. */
  readonly compiler: string;
}

export type CompileResult =
  | { readonly ok: true; readonly policy: Policy; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Oldest gateway that understands every limit the compiler writes. */
export const MinGateway = '0.1.0';

/**
 * The policy of one gateway. Same model, gateway and validity: same bytes, on any machine and day, but for
 * permissions that ended meanwhile. What cannot be expressed is a finding, and an error gives no policy.
 * @throws Error when the model has no such gateway: the caller asks the model first
 */
export function compile(model: ZoneModel, options: CompileOptions): CompileResult {
  const gateway = model.gateways.find(({ name }) => name === options.gateway);
  if (gateway === undefined) throw new Error(`no gateway ${options.gateway}`);
  const report = createCompileReport(model.file);
  const policy = assemble(model, gateway, options, report);
  if (!hasErrors(report.findings)) {
    const problem = findProblem(policy);
    if (problem !== undefined)
      report.add(
        'K-823',
        gateway.name,
        gateway.at,
        `The policy of ${gateway.name} breaks its own form: ${problem}.`,
        Shorten,
      );
  }
  const findings = sortFindings(report.findings);
  return hasErrors(findings) ? { ok: false, findings } : { ok: true, policy, findings };
}

/** Calls the parts in order, nothing else. */
function assemble(
  model: ZoneModel,
  gateway: Gateway,
  options: CompileOptions,
  report: CompileReport,
): Policy {
  const flows = compileFlows(model, gateway, options.now, report);
  const modes = compileModes(model, flows);
  const vendors = compileVendors(model, gateway, flows, report);
  const conduits = compileConduits(model, gateway);
  const undeclared = compileUndeclared(model, gateway, conduits, report);
  const pair = compilePair(model, gateway);
  const parts = {
    format: PolicyFormat,
    minGateway: MinGateway,
    site: model.metadata.site,
    gateway: gateway.name,
    version: model.metadata.policyVersion,
    ...readValidity(model, options, report),
    compiler: options.compiler,
    modelDigest: options.modelDigest,
    zones: compileZones(model, gateway, report),
    interfaces: compileInterfaces(gateway, report),
    assets: compileAssets(model, gateway),
    conduits,
    flows,
    profiles: compileProfiles(model, [...flows, ...vendorTargets({ vendors })], modes),
    services: compileServices(gateway, model.assets, report),
    egress: compileEgress(gateway, model.assets, report),
    modes,
    vendors,
    tests: compileTests(model, gateway, modes, vendors, options.now),
  };
  const sound = !hasErrors(report.findings);
  return {
    ...parts,
    nft: sound ? renderNftRuleset(parts, gateway.denyAction, report, undeclared, pair) : '',
  };
}

function readValidity(
  model: ZoneModel,
  options: CompileOptions,
  report: CompileReport,
): { notBefore: number; notAfter: number } {
  const { reviewed, approvedBy, at } = model.metadata;
  const notBefore = options.notBefore ?? reviewed ?? approvedBy?.date;
  if (notBefore === undefined) {
    const hint = 'Give metadata.reviewed, or compile with --not-before.';
    report.add('K-818', model.metadata.site, at, 'Nothing says from when the bundle is valid.', hint);
    return { notBefore: 0, notAfter: 1 };
  }
  const notAfter = addPeriod(notBefore, model.bundle.validFor);
  if (notAfter <= options.now) {
    const message = `A bundle valid from ${formatTime(notBefore)} ended ${formatTime(notAfter)}.`;
    report.add(
      'K-818',
      model.metadata.site,
      model.bundle.at,
      message,
      'Review the model and set metadata.reviewed anew.',
    );
  }
  return { notBefore, notAfter };
}

const Shorten = 'Shorten or correct what is named.';
