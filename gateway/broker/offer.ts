import type { FlowRule, Policy, VendorRule } from '../../rules/policy.ts';
import { windowOf } from '../../rules/session/terms.ts';
import type { Carrier, OfferBody } from '../ipc/grant-body.ts';
import type { GrantedTarget } from './grant-entry.ts';
import type { BrokerParts } from './parts.ts';

/** What somebody may ask for under a policy: of every vendor that names them. */
export function offerTo(
  person: string,
  policy: Policy,
  { entry, name }: Pick<BrokerParts, 'entry' | 'name'>,
  now: number,
  obstacles: (vendor: VendorRule) => readonly string[],
): OfferBody {
  return policy.vendors
    .filter(({ people }) => people.some(({ id }) => id === person))
    .map((vendor) => {
      const flows = [...vendor.targets, ...openedBy(policy, vendor)];
      const window = windowOf(flows, now);
      const carriers = carriersOf(vendor, entry);
      return {
        vendor: vendor.id,
        company: vendor.company,
        targets: targetsOf(policy, vendor),
        carriers: [...carriers],
        maxDuration: vendor.limits.maxDuration,
        idle: vendor.limits.idle,
        window: window.text,
        contractEnds: Math.max(0, ...flows.map(({ gate }) => gate?.closesAt ?? 0)),
        approval: { ...vendor.approval },
        obstacles: [
          ...obstacles(vendor),
          ...(window.contractEnded ? ['The contract has ended.'] : []),
          ...(carriers.length === 0 ? [`Box ${name} listens for no carrier of vendors.`] : []),
        ],
      };
    });
}

/** What a vendor's grants may be for, as people are told of it. */
export function targetsOf(policy: Policy, vendor: VendorRule): GrantedTarget[] {
  return [
    ...vendor.targets.map((flow) => describeTarget(flow, false)),
    ...openedBy(policy, vendor).map((flow) => describeTarget(flow, true)),
  ];
}

/** Ways a vendor's person can come in on this box. */
function carriersOf({ targets, opens }: VendorRule, entry: BrokerParts['entry']): readonly Carrier[] {
  return [
    ...(targets.length > 0 && entry.tls !== undefined ? (['tls'] as const) : []),
    ...(targets.length > 0 && entry.ssh !== undefined ? (['ssh'] as const) : []),
    ...(opens.length > 0 ? (['pinhole'] as const) : []),
  ];
}

function openedBy(policy: Policy, { opens }: VendorRule): readonly FlowRule[] {
  return policy.flows.filter(({ id, gate }) => gate?.session === true && opens.includes(id));
}

function describeTarget({ id, destinations, ports, profile }: FlowRule, pinhole: boolean): GrantedTarget {
  const [first] = destinations;
  return {
    id,
    asset: first?.asset ?? '',
    zone: first?.zone ?? '',
    port: ports[0]?.first ?? 0,
    profile,
    pinhole,
  };
}
