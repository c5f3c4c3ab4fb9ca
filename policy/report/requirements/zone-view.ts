import type { VendorAccess } from '../../model/access.ts';
import type { NonIpPath } from '../../model/characteristics.ts';
import type { Asset, Conduit, Flow, Gateway, Zone, ZoneModel } from '../../model/zone-model.ts';
import type { ReportFacts } from '../facts.ts';
import { type LiveCheck, type LiveCheckKind, liveChecks } from './live-checks.ts';

/** What concerns one zone, gathered once for all its requirements. */
export interface ZoneView {
  readonly model: ZoneModel;
  readonly facts: ReportFacts;
  readonly zone: Zone;
  readonly assets: readonly Asset[];
  readonly conduits: readonly Conduit[];
  readonly flowsIn: readonly Flow[];
  readonly flowsOut: readonly Flow[];
  /** Gateways with a leg in it. */
  readonly gateways: readonly Gateway[];
  /** Vendors that enter here, or reach an asset here. */
  readonly vendors: readonly VendorAccess[];
  readonly paths: readonly NonIpPath[];
  /** Ways past the gateways that the model knows of: a sentence each. */
  readonly bypasses: readonly string[];
  /** The last live checks of that kind, one per gateway of the zone; empty unless all of them spoke. */
  live(kind: LiveCheckKind): readonly LiveCheck[];
}

/** Looks at each zone of a model. */
export function zoneViews(model: ZoneModel, facts: ReportFacts): readonly ZoneView[] {
  const checks = liveChecks(facts);
  return model.zones.map((zone) => {
    const conduits = model.conduits.filter(({ from, to }) => from === zone || to === zone);
    const gateways = model.gateways.filter(({ interfaces }) => interfaces.some((leg) => leg.zone === zone));
    const paths = model.nonIpPaths.filter(({ from, to }) => from === zone || to === zone);
    return {
      model,
      facts,
      zone,
      assets: model.assets.filter((asset) => asset.zone === zone),
      conduits,
      flowsIn: model.flows.filter(({ conduit }) => conduit.to === zone),
      flowsOut: model.flows.filter(({ conduit }) => conduit.from === zone),
      gateways,
      vendors: model.vendors.filter((vendor) => concerns(vendor, zone)),
      paths,
      bypasses: bypassesOf(model, facts, zone, conduits),
      live: (kind) => {
        const found = gateways.flatMap(({ name }) => lastOf(checks, kind, name));
        return found.length === gateways.length ? found : [];
      },
    };
  });
}

function lastOf(checks: readonly LiveCheck[], kind: LiveCheckKind, gateway: string): readonly LiveCheck[] {
  const own = checks.filter((check) => check.kind === kind && check.gateway === gateway);
  const [last] = own.toSorted((one, other) => other.at - one.at);
  return last === undefined ? [] : [last];
}

function concerns({ entry, targets, opens }: VendorAccess, zone: Zone): boolean {
  return (
    entry.zone === zone ||
    targets.some(({ asset }) => asset.zone === zone) ||
    opens.some(({ flow }) => flow.conduit.to === zone)
  );
}

function bypassesOf(
  model: ZoneModel,
  { at }: ReportFacts,
  zone: Zone,
  conduits: readonly Conduit[],
): readonly string[] {
  const bridges = model.assets
    .filter((asset) => asset.alsoIn.length > 0 && (asset.zone === zone || asset.alsoIn.includes(zone)))
    .map(({ name }) => `${name} has a leg in another zone as well`);
  const paths = model.nonIpPaths
    .filter(({ from, to }) => from === zone || to === zone)
    .map(({ id, kind }) => `${id} (${kind}) carries data past the gateways`);
  const unserved = conduits
    .filter(
      ({ from, to }) =>
        !model.gateways.some(({ interfaces }) =>
          [from, to].every((end) => interfaces.some((leg) => leg.zone === end)),
        ),
    )
    .map(({ id }) => `${id} is on no gateway`);
  const open = conduits
    .filter(({ audit }) => audit?.undeclared === true && audit.until > at)
    .map(({ id }) => `${id} is on trial and lets pass what no flow declares`);
  return [...bridges, ...paths, ...unserved, ...open];
}
