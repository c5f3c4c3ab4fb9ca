import type { AddressRange, ModbusPermission } from '../../rules/modbus/profile.ts';
import type { Endpoint, FlowRule, Policy } from '../../rules/policy.ts';

/** An essential flow whose traffic tells whether a new policy hurts the plant. */
export interface WatchedFlow {
  readonly id: string;
  readonly inspected: boolean;
  /**
   * The new policy takes something away that could be asked for on purpose: a unit, a function, an address, a value.
   * Being refused for what was asked is then what was wanted, and no reason to go back.
   */
  readonly narrowed: boolean;
  /**
   * The new policy looks for its ends elsewhere: at another address, wire or link-layer address. Where it does not,
   * what comes from somewhere else was sent by a forger before as well.
   */
  readonly moved: boolean;
}

/**
 * The flows essential to both policies with ends and ports alike. A flow that is gone, no longer essential, or
 * opened to others than before was changed on purpose, and nobody may keep a revocation away by running into it.
 */
export function watchedFlows(before: Policy, after: Policy): readonly WatchedFlow[] {
  const flows = new Map(before.flows.map((flow) => [flow.id, flow]));
  return after.flows.flatMap((flow) => {
    const former = flows.get(flow.id);
    if (former === undefined || !former.essential || !flow.essential || !isAlike(former, flow)) return [];
    const [was, is] = [permissionsOf(before, former), permissionsOf(after, flow)];
    // Inspection that is new takes nothing away on purpose, and shows what nobody had written down.
    const narrowed = former.profile !== '' && flow.profile !== '' && takesAway(was, is);
    const moved = placesOf(before, former) !== placesOf(after, flow);
    return [{ id: flow.id, inspected: flow.profile !== '', narrowed, moved }];
  });
}

/** Whether something that the one set of permissions lets ask for is in none of the other. */
export function takesAway(before: readonly ModbusPermission[], after: readonly ModbusPermission[]): boolean {
  return before.some((old) =>
    old.functions.some((code) =>
      old.units.some((unit) => {
        const now = after.filter(({ functions, units }) => functions.includes(code) && units.includes(unit));
        return now.length === 0 || isNarrower(old, now);
      }),
    ),
  );
}

function isNarrower(old: ModbusPermission, now: readonly ModbusPermission[]): boolean {
  const ranges = (of: (one: ModbusPermission) => readonly AddressRange[]) => now.flatMap(of);
  return (
    !covers(
      ranges(({ addresses }) => addresses),
      old.addresses,
    ) ||
    !covers(
      ranges(({ readAddresses }) => readAddresses),
      old.readAddresses,
    ) ||
    !hasAll(
      now.flatMap(({ subFunctions }) => subFunctions),
      old.subFunctions,
    ) ||
    !hasAll(
      now.flatMap(({ mei }) => mei),
      old.mei,
    ) ||
    !hasAll(textsOf(now.flatMap(({ files }) => files)), textsOf(old.files)) ||
    // What may be written is somebody's decision, wider or not.
    !now.some(({ values }) => values.length === 0 || JSON.stringify(values) === JSON.stringify(old.values))
  );
}

function covers(now: readonly AddressRange[], old: readonly AddressRange[]): boolean {
  const inOrder = now.toSorted((one, other) => one.first - other.first);
  return old.every(({ first, last }) => {
    let open = first;
    for (const range of inOrder) if (range.first <= open && range.last >= open) open = range.last + 1;
    return open > last;
  });
}

function isAlike(one: FlowRule, other: FlowRule): boolean {
  const texts = ({ protocol, ports, sources, destinations }: FlowRule): string =>
    JSON.stringify([protocol, ports, sources.map(endText), destinations.map(endText)]);
  return texts(one) === texts(other);
}

/** Where the ends of a flow are believed to be. */
function placesOf({ assets, interfaces }: Policy, { sources, destinations }: FlowRule): string {
  const places = [...sources, ...destinations].map(({ asset, zone, prefixes }) => [
    prefixes,
    asset === '' ? '' : assets.find(({ name }) => name === asset)?.mac,
    interfaces.filter((leg) => leg.zone === zone).map(({ device, sources: own }) => [device, own]),
  ]);
  return JSON.stringify(places);
}

/** The name where there is one: an asset whose address was corrected is the same asset. */
function endText({ asset, zone, prefixes }: Endpoint): string {
  return asset === '' ? `${zone} ${prefixes.join()}` : asset;
}

function permissionsOf({ profiles }: Policy, { profile }: FlowRule): readonly ModbusPermission[] {
  return profiles.find(({ name }) => name === profile)?.permissions ?? [];
}

function hasAll<T>(now: readonly T[], old: readonly T[]): boolean {
  return old.every((one) => now.includes(one));
}

function textsOf(all: readonly object[]): readonly string[] {
  return all.map((one) => JSON.stringify(one));
}
