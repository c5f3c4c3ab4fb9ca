import { formatAddress, parseAddressOnNetwork } from '../address.ts';
import { vendorTargets } from '../admission/vendor-targets.ts';

import type { BoxInterface, FlowRule, Policy } from '../policy.ts';
import type { OpenFlow } from './gates.ts';
import { addressField, devicesOf } from './inspected.ts';
import { renderKey } from './render.ts';
import { type DataType, type Element, TableName } from './ruleset.ts';
import type { NftCommand, NftElement, NftKey } from './schema.ts';

/** What the kernel knows of what inspectors dial for vendors; present only where the policy has any target. */
export const VendorSets = {
  /** Every target, whether a session is granted or not: what is said there is nothing but a vendor's. */
  all: 'vendor_targets',
  /** Those a granted session leads to now: the kernel itself lets each go when its time is up. */
  open: 'vendor_open',
  /** The inspectors' user: the engine fills it in. */
  dialers: 'dialers',
} as const;

/** Device, address of the box, address of the target, port. */
export const VendorKey: readonly DataType[] = ['ifname', 'ipv4_addr', 'ipv4_addr', 'inet_service'];

/**
 * The packets of what is dialled for one target. The inspector binds no address and sets no mark: the kernel goes out
 * with the address of the leg, or, where the leg has none, with another one of the box. A device on a serial line of
 * the box itself is dialled by nobody.
 */
export function vendorElements(
  { id, destinations, ports }: FlowRule,
  { interfaces, assets }: Pick<Policy, 'interfaces' | 'assets'>,
): readonly Element[] {
  const onLine = new Set(assets.filter(({ modbus }) => modbus.line !== undefined).map(({ name }) => name));
  return destinations
    .filter(({ asset }) => !onLine.has(asset))
    .flatMap(({ zone, prefixes }) =>
      devicesOf(interfaces, zone).flatMap((device) =>
        ownAddresses(interfaces, zone, device).flatMap((own) =>
          prefixes.flatMap((target) =>
            ports.map(
              ({ first }): Element => ({ key: [device, own, addressField(target), first], comment: id }),
            ),
          ),
        ),
      ),
    );
}

/** The packets of all targets. Two vendors may have one device: whose session it is only the inspector knows. */
export function allVendorElements(
  policy: Pick<Policy, 'vendors' | 'interfaces' | 'assets'>,
): readonly Element[] {
  const elements = vendorTargets(policy).flatMap((target) => vendorElements(target, policy));
  return [...new Map(elements.map((element) => [JSON.stringify(element.key), element])).values()];
}

/** An element of the open ones: until when, milliseconds since the Unix epoch, 0 without end. */
export interface OpenElement {
  readonly key: NftKey;
  readonly until: number;
}

/** What stands in the kernel while these gates are open, by its key: of several grants the latest end. */
export function openVendorElements(
  policy: Pick<Policy, 'vendors' | 'interfaces' | 'assets'>,
  open: readonly OpenFlow[],
): ReadonlyMap<string, OpenElement> {
  const targets = new Map(vendorTargets(policy).map((target) => [target.id, target]));
  const elements = new Map<string, OpenElement>();
  for (const { flow, until } of open) {
    const target = targets.get(flow);
    for (const element of target === undefined ? [] : vendorElements(target, policy)) {
      const key = renderKey(element.key);
      const known = elements.get(JSON.stringify(key));
      const isLater = known === undefined || (known.until !== 0 && (until === 0 || until > known.until));
      if (isLater) elements.set(JSON.stringify(key), { key, until });
    }
  }
  return elements;
}

/** Makes exactly these open, with the time each has left. @param now wall time, milliseconds */
export function renderVendorGates(
  policy: Policy,
  open: readonly OpenFlow[],
  now: number,
): readonly NftCommand[] {
  if (vendorTargets(policy).length === 0) return [];
  const set = { family: 'inet', table: TableName, name: VendorSets.open } as const;
  return [{ flush: { set } }, ...addOpen([...openVendorElements(policy, open).values()], now)];
}

/**
 * Turns one state into another and touches nothing that stays. As with other gates a new end is a deletion and an
 * addition, and what may have ended meanwhile is added before it is deleted.
 */
export function changeVendorGates(
  policy: Policy,
  before: readonly OpenFlow[],
  after: readonly OpenFlow[],
  now: number,
): readonly NftCommand[] {
  const [were, are] = [openVendorElements(policy, before), openVendorElements(policy, after)];
  const gone = [...were].filter(([key, { until }]) => are.get(key)?.until !== until);
  const come = [...are].filter(([key, { until }]) => were.get(key)?.until !== until);
  const elem = gone.map(([, { key }]) => key);
  const element = { family: 'inet', table: TableName, name: VendorSets.open, elem } as const;
  return [
    ...(elem.length === 0 ? [] : [{ add: { element } }, { delete: { element } }]),
    ...addOpen(
      come.map(([, one]) => one),
      now,
    ),
  ];
}

function addOpen(elements: readonly OpenElement[], now: number): readonly NftCommand[] {
  const elem = elements.flatMap(({ key, until }): readonly NftElement[] => {
    if (until === 0) return [key];
    const timeout = Math.floor((until - now) / 1000);
    return timeout >= 1 ? [{ elem: { val: key, timeout } }] : [];
  });
  if (elem.length === 0) return [];
  return [{ add: { element: { family: 'inet', table: TableName, name: VendorSets.open, elem } } }];
}

function ownAddresses(interfaces: readonly BoxInterface[], zone: string, device: string): readonly string[] {
  const addressesOf = (legs: readonly BoxInterface[]) =>
    legs.flatMap(({ address }) => {
      const own = address === '' ? undefined : parseAddressOnNetwork(address)?.address;
      return own?.family === 4 ? [formatAddress(own)] : [];
    });
  const direct = addressesOf(interfaces.filter((leg) => leg.zone === zone && leg.device === device));
  return [...new Set(direct.length > 0 ? direct : addressesOf(interfaces))];
}
