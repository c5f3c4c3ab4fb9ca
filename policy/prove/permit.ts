import type { ModbusDevice } from '../../rules/modbus/profile.ts';
import { servesConduit } from '../compile/box.ts';
import type { Mode, VendorAccess, VendorTarget } from '../model/access.ts';
import type {
  Conduit,
  Egress,
  EndpointRef,
  Flow,
  Gateway,
  Profile,
  Protocol,
  Service,
  ZoneModel,
} from '../model/zone-model.ts';
import { fromNumbers, fromRanges, type Spans } from './sets/spans.ts';

/** Who lets traffic through, as far as the model ever does. */
export type Permitter =
  /** `mode` is set where it is the profile that the mode gives the flow. */
  | { readonly kind: 'flow'; readonly flow: Flow; readonly mode: Mode | undefined }
  /** The audit stage of a conduit: what no flow declares passes as well. */
  | { readonly kind: 'undeclared'; readonly conduit: Conduit }
  | { readonly kind: 'vendor'; readonly vendor: VendorAccess; readonly target: VendorTarget }
  | { readonly kind: 'service'; readonly gateway: Gateway; readonly service: Service }
  | { readonly kind: 'egress'; readonly gateway: Gateway; readonly egress: Egress };

/** The line of the model that says so, 1-based. */
export function lineOf(by: Permitter): number {
  switch (by.kind) {
    case 'flow':
      return by.flow.at.line;
    case 'undeclared':
      return by.conduit.audit?.at.line ?? by.conduit.at.line;
    case 'vendor':
      return by.target.at.line;
    case 'service':
      return by.service.at.line;
    case 'egress':
      return by.egress.at.line;
  }
}

/** One end of a permit: the box itself is in no zone, whatever its addresses. */
export type End = EndpointRef | { readonly kind: 'box'; readonly gateway: Gateway };

/** One allowance of the model, with everything that belongs to it still by name. */
export interface Permit {
  readonly by: Permitter;
  readonly sources: readonly End[];
  readonly destinations: readonly End[];
  readonly protocol: Protocol;
  readonly port: Spans;
  readonly says: Says;
  /** Inspectors, one-way filters and what is dialled for vendors know IPv4 alone, so that is all that passes. */
  readonly fourOnly: boolean;
  /** Destinations in these are left out, by IPv4 address. */
  readonly except: readonly End[];
}

/** What may be said once a packet passes. */
export type Says =
  /** Not inspected: every request, and anything that is no request. */
  | { readonly kind: 'anything' }
  /** In the audit stage: every request there is. */
  | { readonly kind: 'any-request'; readonly profile: Profile }
  | { readonly kind: 'profile'; readonly profile: Profile };

/**
 * Everything the model can ever permit: in every mode, at every time of a schedule, with every session granted,
 * the audit stages that have not ended counted as allowed. A temporary conduit counts until its end, also
 * before it begins; one that has ended by `now` is gone, as it is from what is compiled.
 */
export function permitsOf(model: ZoneModel, now: number): readonly Permit[] {
  const flows = model.flows.filter(({ conduit }) => !hasEnded(conduit, now));
  const replaced = Map.groupBy(
    model.modes.flatMap((mode) => mode.profiles.map((each) => ({ mode, ...each }))),
    ({ flow }) => flow,
  );
  return [
    ...flows.flatMap((flow) => [
      flowPermit(flow, flow.profile, undefined, now),
      ...(replaced.get(flow) ?? [])
        .filter(({ profile }) => flow.profile !== undefined && profile !== flow.profile)
        .map(({ profile, mode }) => flowPermit(flow, profile, mode, now)),
    ]),
    ...model.conduits
      .filter((conduit) => isUndeclaredOpen(conduit, now))
      .flatMap((conduit) => undeclaredPermits(conduit, flows, model.gateways)),
    ...model.vendors.flatMap((vendor) => vendor.targets.map((target) => vendorPermit(vendor, target))),
    ...model.gateways.flatMap((gateway) => [
      ...gateway.services.map((service) => openTo({ kind: 'service', gateway, service }, service)),
      ...gateway.egress.map((egress) => openTo({ kind: 'egress', gateway, egress }, egress)),
    ]),
  ];
}

/** The two ends of a permitter. */
export function endsOf(by: Permitter): Pick<Permit, 'sources' | 'destinations'> {
  switch (by.kind) {
    case 'flow':
      return { sources: by.flow.sources, destinations: by.flow.destinations };
    case 'undeclared': {
      const { from, to, at } = by.conduit;
      return { sources: [{ kind: 'zone', zone: from, at }], destinations: [{ kind: 'zone', zone: to, at }] };
    }
    case 'vendor':
      return {
        sources: [entryOf(by.vendor)],
        destinations: [{ kind: 'asset', asset: by.target.asset, at: by.target.at }],
      };
    case 'service':
      return { sources: by.service.from, destinations: [{ kind: 'box', gateway: by.gateway }] };
    case 'egress':
      return { sources: [{ kind: 'box', gateway: by.gateway }], destinations: by.egress.to };
  }
}

/** How a server judges units; of a whole zone nothing is known, and a direct device is permitted more. */
export function kindOf(end: End): ModbusDevice['kind'] {
  return end.kind === 'asset' ? end.asset.modbus.kind : 'direct';
}

/** Whether a permission that has an end is past it. */
export function hasEnded({ temporary }: Conduit, now: number): boolean {
  return temporary !== undefined && temporary.expires <= now;
}

function flowPermit(flow: Flow, profile: Profile | undefined, mode: Mode | undefined, now: number): Permit {
  return {
    ...openTo({ kind: 'flow', flow, mode }, flow),
    says: sayingOf(flow, profile, now),
    fourOnly: flow.profile !== undefined || flow.conduit.oneWay,
  };
}

function sayingOf(flow: Flow, profile: Profile | undefined, now: number): Says {
  // Inspectors take TCP; what else has a profile passes them by, and another check objects to it.
  if (profile === undefined || flow.protocol !== 'tcp') return Anything;
  const isAudit = flow.audit !== undefined && flow.audit.until > now;
  return { kind: isAudit ? 'any-request' : 'profile', profile };
}

function isUndeclaredOpen(conduit: Conduit, now: number): boolean {
  const { audit, to } = conduit;
  const isOpen = audit?.undeclared === true && audit.until > now;
  return isOpen && to.kind !== 'safety' && !hasEnded(conduit, now);
}

function undeclaredPermits(
  conduit: Conduit,
  flows: readonly Flow[],
  gateways: readonly Gateway[],
): readonly Permit[] {
  const boxes = gateways.filter((gateway) => servesConduit(gateway, conduit));
  // A box leaves out the servers of the inspected flows it has, and knows none that others have.
  const except = flows
    .filter((flow) => flow.profile !== undefined && boxes.every((box) => servesConduit(box, flow.conduit)))
    .flatMap(({ destinations }) => destinations);
  return (['tcp', 'udp', 'icmp-echo'] as const).map((protocol) => ({
    ...openTo({ kind: 'undeclared', conduit }, { protocol, ports: EveryPort }),
    except,
  }));
}

/** Ended on the box and led on from there; the client is whoever stands at the entry. */
function vendorPermit(vendor: VendorAccess, target: VendorTarget): Permit {
  const { profile, port } = target;
  const ports = [{ first: port, last: port }];
  return {
    ...openTo({ kind: 'vendor', vendor, target }, { protocol: 'tcp', ports }),
    says: profile === undefined ? Anything : { kind: 'profile', profile },
    // What the box dials for vendors it dials over IPv4.
    fourOnly: true,
  };
}

function entryOf({ entry: { zone, asset, at } }: VendorAccess): End {
  return asset === undefined ? { kind: 'zone', zone, at } : { kind: 'asset', asset, at };
}

/** A permit for anything, unless more is said. */
function openTo(by: Permitter, { protocol, ports }: Pick<Flow, 'protocol' | 'ports'>): Permit {
  const port = protocol === 'icmp-echo' ? NoPort : fromRanges(ports);
  return { by, ...endsOf(by), protocol, port, says: Anything, fourOnly: false, except: [] };
}

const Anything: Says = { kind: 'anything' };
const NoPort = fromNumbers([0]);
const EveryPort = [{ first: 1, last: 65_535 }];
