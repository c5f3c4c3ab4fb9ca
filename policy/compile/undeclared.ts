import { parsePrefix } from '../../rules/address.ts';
import { type UndeclaredTraffic, undeclaredTraffic } from '../../rules/nft/undeclared.ts';
import type { ConduitRule } from '../../rules/policy.ts';
import type { Asset, Conduit, EndpointRef, Gateway, Zone, ZoneModel } from '../model/zone-model.ts';
import { hostPrefix, servesConduit } from './box.ts';
import type { CompileReport } from './findings.ts';
import { type Span, separateSpans, spanOf } from './nft/block.ts';

/** Traffic that no flow declares, and the addresses between which it passes. */
export interface UndeclaredWay extends UndeclaredTraffic {
  readonly sources: readonly FamilySpan[];
  readonly destinations: readonly FamilySpan[];
}

export interface FamilySpan extends Span {
  readonly family: 4 | 6;
}

/**
 * What an audit stage lets pass on a conduit beside its flows: from the addresses of one zone to those of the
 * other that no inspected flow of the plant leads to, on whatever port, or an inspection could be gone around.
 */
export function compileUndeclared(
  model: ZoneModel,
  gateway: Gateway,
  conduits: readonly ConduitRule[],
  report: CompileReport,
): readonly UndeclaredWay[] {
  for (const conduit of model.conduits)
    if (servesConduit(gateway, conduit)) reportStage(model, conduit, report);
  const inspected = model.flows
    .filter(({ profile }) => profile !== undefined)
    .flatMap(({ destinations }) => destinations.flatMap(spansOf));
  return undeclaredTraffic({ conduits }).map((traffic) => ({
    ...traffic,
    sources: zoneSpans(model, traffic.from),
    destinations: separateSpans(zoneSpans(model, traffic.to), inspected),
  }));
}

function reportStage(model: ZoneModel, conduit: Conduit, report: CompileReport): void {
  const { id, oneWay, to, temporary, schedule, audit } = conduit;
  if (audit?.undeclared !== true) return;
  const add = (what: string) =>
    report.add(
      'K-824',
      id,
      audit.at,
      `${id} lets undeclared traffic pass ${what}.`,
      'Declare its flows instead.',
    );
  if (to.kind === 'safety') add(`into the safety zone ${to.id}`);
  const leg = guardedLeg(model, to);
  if (leg !== undefined) add(`into ${to.id}, where ${leg.name} has a leg past what guards it`);
  if (oneWay) add('although it is one-way');
  if (temporary !== undefined || schedule !== undefined) add('although it is not always open');
}

/** Nobody knows the address of such a leg, so it cannot be left out of what passes. */
function guardedLeg({ assets, flows }: ZoneModel, zone: Zone): Asset | undefined {
  return assets.find(
    (asset) =>
      asset.alsoIn.includes(zone) &&
      (asset.zone.kind === 'safety' ||
        flows.some(
          ({ profile, destinations }) =>
            profile !== undefined && destinations.some((end) => end.kind === 'asset' && end.asset === asset),
        )),
  );
}

function zoneSpans({ zones }: ZoneModel, zone: string): readonly FamilySpan[] {
  return separateSpans(
    zones.filter(({ id }) => id === zone).flatMap(({ prefixes }) => prefixes.flatMap(spanOfPrefix)),
    [],
  );
}

function spansOf(end: EndpointRef): readonly FamilySpan[] {
  const prefixes = end.kind === 'asset' ? end.asset.addresses.map(hostPrefix) : end.zone.prefixes;
  return prefixes.flatMap(spanOfPrefix);
}

function spanOfPrefix(text: string): readonly FamilySpan[] {
  const prefix = parsePrefix(text);
  return prefix === undefined ? [] : [{ ...spanOf(prefix), family: prefix.family }];
}
