import { parsePrefix } from '../../rules/address.ts';
import type { Endpoint, FlowRule, Gate, VendorRule } from '../../rules/policy.ts';
import type { VendorAccess, VendorTarget } from '../model/access.ts';
import type { EndpointRef, Gateway, ZoneModel } from '../model/zone-model.ts';
import { serves, sourceOf } from './box.ts';
import { compileEndpoints } from './endpoints.ts';
import type { CompileReport } from './findings.ts';
import { flowNumbers } from './flow-numbers.ts';
import { sideOf } from './pair.ts';

/**
 * Who may be let in through this box: it has a leg in the zone they come in at, and one in the zone of each target.
 * A vendor that reaches nothing through this box is not in its policy.
 * @param flows those of this box
 */
export function compileVendors(
  model: ZoneModel,
  gateway: Gateway,
  flows: readonly FlowRule[],
  report: CompileReport,
): readonly VendorRule[] {
  const numbers = flowNumbers(
    [
      ...model.flows.map(({ id }) => id),
      ...new Set(model.vendors.flatMap((vendor) => vendor.targets.map((target) => targetId(vendor, target)))),
    ],
    sideOf(gateway),
  );
  const here = new Set(flows.map(({ id }) => id));
  return model.vendors.flatMap((vendor) => {
    reportUnserved(model, vendor, report);
    reportRepeated(vendor, report);
    if (!serves(gateway, vendor.entry.zone)) return [];
    const [entry] = compileEndpoints([{ ...entryOf(vendor), at: vendor.entry.at }], model.assets, report);
    if (entry === undefined) return [];
    const targets = vendor.targets
      .filter(({ asset }) => serves(gateway, asset.zone))
      .flatMap((target) => {
        const number = numbers.get(targetId(vendor, target)) ?? 0;
        return compileTarget(model, vendor, target, { number, entry }, report);
      });
    const opens = vendor.opens.map(({ flow }) => flow.id).filter((id) => here.has(id));
    if (targets.length === 0 && opens.length === 0) return [];
    return [compileVendor(model, vendor, { entry, opens, targets })];
  });
}

/** What a target is called wherever flows are: `pumpco/plc-dosing.502`. */
export function targetId({ id }: VendorAccess, { asset, port }: VendorTarget): string {
  return `${id}/${asset.name}.${port}`;
}

function compileVendor(
  model: ZoneModel,
  vendor: VendorAccess,
  parts: Pick<VendorRule, 'entry' | 'opens' | 'targets'>,
): VendorRule {
  const { id, company, people, approval, limits, record } = vendor;
  const { maxDuration, idle, concurrent } = limits;
  const sr = ['1.13', ...(approval === undefined ? [] : ['1.13 RE1'])];
  return {
    id,
    company,
    people: people.map((person) => ({ id: person.id, mfa: person.mfa === 'required' })),
    ...parts,
    // Where the model names nobody, anybody who may approve at all does: nobody comes in unseen.
    approval: { role: approval?.role ?? '', second: approval?.second ?? '' },
    limits: { maxDuration, idle, concurrent },
    // That a session was is on record in any case.
    record: record.filter((what) => what !== 'session'),
    source: sourceOf(model, vendor.at, '', '', sr),
  };
}

/** The box dials itself, over IPv4, so that what its inspectors open can be told from what anybody else does. */
function compileTarget(
  model: ZoneModel,
  vendor: VendorAccess,
  target: VendorTarget,
  { number, entry }: { readonly number: number; readonly entry: Endpoint },
  report: CompileReport,
): readonly FlowRule[] {
  const { at, asset, port, profile } = target;
  const id = targetId(vendor, target);
  const [end] = compileEndpoints([{ kind: 'asset', asset, at }], model.assets, report);
  if (end === undefined) return [];
  const prefixes = end.prefixes.filter((text) => parsePrefix(text)?.family === 4);
  if (prefixes.length < end.prefixes.length) {
    const message = `${id} is dialled by the box, which this release does over IPv4 only; ${asset.name} stays shut over IPv6.`;
    report.add('K-812', vendor.id, at, message, 'Nothing is needed where IPv4 is enough.');
  }
  if (prefixes.length === 0) return [];
  const rule: FlowRule = {
    number,
    id,
    conduit: vendor.id,
    sources: [entry],
    destinations: [{ ...end, prefixes }],
    protocol: 'tcp',
    ports: [{ first: port, last: port }],
    profile: profile?.name ?? '',
    oneWay: false,
    essential: false,
    gate: gateOf(vendor),
    auditUntil: 0,
    auditMalformed: false,
    limits: undefined,
    source: sourceOf(model, at, '', '', [
      '5.2 RE1',
      ...(profile === undefined ? [] : ['3.5', '7.7']),
      '1.13',
      ...(vendor.limits.window === undefined && vendor.contractEnds === undefined ? [] : ['2.1']),
    ]),
  };
  return [rule];
}

function gateOf({ limits: { window }, contractEnds }: VendorAccess): Gate {
  return {
    opensAt: 0,
    closesAt: contractEnds ?? 0,
    schedule: window && {
      days: [...window.days].sort((one, other) => one - other),
      from: window.from,
      to: window.to,
      timeZone: window.timeZone,
    },
    session: true,
  };
}

function entryOf({ entry: { zone, asset, at } }: VendorAccess): EndpointRef {
  return asset === undefined ? { kind: 'zone', zone, at } : { kind: 'asset', asset, at };
}

/** What somebody may ask for and no box can give would be found out on the day it is needed. */
function reportUnserved(model: ZoneModel, vendor: VendorAccess, report: CompileReport): void {
  const boxes = model.gateways.filter((box) => serves(box, vendor.entry.zone));
  const entry = vendor.entry.zone.id;
  for (const { asset, at } of vendor.targets) {
    if (boxes.some((box) => serves(box, asset.zone))) continue;
    const message = `No gateway has legs in both ${entry} and ${asset.zone.id}, so nothing leads ${vendor.id} to ${asset.name}.`;
    report.add('K-826', vendor.id, at, message, 'Give one box an interface in each, or take the target out.');
  }
  for (const { flow, at } of vendor.opens) {
    const { from, to } = flow.conduit;
    if (boxes.some((box) => serves(box, from) && serves(box, to))) continue;
    const message = `No gateway has legs in ${entry} and on both sides of ${flow.id}, so no session of ${vendor.id} opens it.`;
    report.add('K-826', vendor.id, at, message, 'Let the vendor come in at the box that carries the flow.');
  }
}

function reportRepeated(vendor: VendorAccess, report: CompileReport): void {
  const seen = new Set<string>();
  for (const target of vendor.targets) {
    const id = targetId(vendor, target);
    if (seen.has(id))
      report.add(
        'K-814',
        vendor.id,
        target.at,
        `${vendor.id} has ${target.asset.name} on port ${target.port} twice.`,
        'Take one of the two targets out.',
      );
    seen.add(id);
  }
}
