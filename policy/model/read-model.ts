import { type Finding, hasErrors, sortFindings } from '../finding.ts';
import { Names } from './names.ts';
import { parsePeriod } from './period.ts';
import { createReporter } from './reporter.ts';
import { readFlowRefs, resolveModes, resolveVendors } from './resolve-access.ts';
import { resolveInvariants, resolveTests, resolveWaivers } from './resolve-claims.ts';
import { resolveConduits } from './resolve-conduits.ts';
import { resolveGateways } from './resolve-gateways.ts';
import { resolvePaths } from './resolve-paths.ts';
import { resolveProfiles } from './resolve-profiles.ts';
import { resolveZones } from './resolve-zones.ts';
import { type ZoneModelFile, ZoneModelSchema } from './schema.ts';
import { readShape } from './shape.ts';
import { readTime, type Source, tidy } from './source.ts';
import { parseYaml } from './yaml-tree.ts';
import type { BundleTerms, Metadata, ZoneModel } from './zone-model.ts';

export type ReadResult =
  | { readonly ok: true; readonly model: ZoneModel; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/**
 * Reads a zone model: YAML, then its shape, then its names and values. Each stage reports everything it
 * finds; a stage runs only where the one before left something to stand on. `file` is what findings name.
 */
export function readModel(text: string, file: string): ReadResult {
  const reporter = createReporter(file);
  const root = parseYaml(text, reporter);
  if (root === undefined) return { ok: false, findings: sortFindings(reporter.findings) };
  const { value, places, sound } = readShape(root, ZoneModelSchema, reporter);
  if (!sound) return { ok: false, findings: sortFindings(reporter.findings) };
  // The one cast of the reader: a sound value has been checked against the schema this type comes from.
  const content = value as ZoneModelFile;
  const model = resolve({ places, reporter, names: new Names(reporter) }, content, file);
  const findings = sortFindings(reporter.findings);
  return hasErrors(findings) ? { ok: false, findings } : { ok: true, model, findings };
}

function resolve(source: Source, content: ZoneModelFile, file: string): ZoneModel {
  const { names } = source;
  // In the order of reference: each step looks up names the steps before it have made known.
  resolveZones(source, content);
  resolveProfiles(source, content);
  resolveConduits(source, content);
  resolveVendors(source, content);
  const modes = resolveModes(source, content);
  return {
    file,
    metadata: readMetadata(source, content),
    gateways: resolveGateways(source, content),
    zones: [...names.zones.values()],
    assets: [...names.assets.values()],
    profiles: [...names.profiles.values(), ...names.presetProfiles.values()],
    conduits: [...names.conduits.values()],
    flows: [...names.flows.values()],
    essentialFlows: readFlowRefs(source, content, 'essential_flows', content.essential_flows ?? []),
    bundle: readBundleTerms(source, content),
    vendors: [...names.vendors.values()],
    nonIpPaths: resolvePaths(source, content),
    modes,
    tests: resolveTests(source, content, modes),
    invariants: resolveInvariants(source, content),
    waivers: resolveWaivers(source, content),
  };
}

function readMetadata(source: Source, content: ZoneModelFile): Metadata {
  const { metadata } = content;
  const approval = metadata.approved_by;
  const risk = metadata.risk_assessment;
  const time = (holder: object, key: string, written: string | undefined) =>
    written === undefined ? undefined : readTime(source, holder, key, written);
  return {
    at: source.places.key(content, 'metadata'),
    site: metadata.site,
    systemUnderConsideration: tidy(metadata.suc),
    owner: metadata.owner,
    approvedBy:
      approval === undefined
        ? undefined
        : {
            name: approval.name,
            date: readTime(source, approval, 'date', approval.date),
            ref: approval.ref ?? '',
          },
    riskAssessment:
      risk === undefined
        ? undefined
        : {
            at: source.places.of(risk),
            ref: risk.ref,
            method: risk.method ?? '',
            tolerable: risk.tolerable ?? '',
            date: time(risk, 'date', risk.date),
          },
    reviewed: time(metadata, 'reviewed', metadata.reviewed),
    reviewEvery: metadata.review_every === undefined ? undefined : parsePeriod(metadata.review_every),
    businessCycle: metadata.business_cycle === undefined ? undefined : parsePeriod(metadata.business_cycle),
    regulations: metadata.regulations ?? [],
    policyVersion: metadata.policy_version,
  };
}

/** A bundle that says nothing about its validity is good for a year. */
const DefaultValidity = { months: 12, days: 0 };

function readBundleTerms(source: Source, content: ZoneModelFile): BundleTerms {
  const { places, reporter } = source;
  if (content.bundle === undefined) return { at: places.of(content), validFor: DefaultValidity };
  const validFor = parsePeriod(content.bundle.valid_for);
  if (validFor === undefined)
    reporter.error(
      'S-007',
      places.value(content.bundle, 'valid_for'),
      'A bundle must be valid for some time.',
      'For example: P1Y.',
    );
  return { at: places.key(content, 'bundle'), validFor: validFor ?? DefaultValidity };
}
