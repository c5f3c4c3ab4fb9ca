import fc from 'fast-check';

/**
 * A random zone model on a fixed plant: three wires, one of them shared by two zones, three assets in each zone.
 * Small on purpose, so that flows meet on the same addresses and ports.
 */
export interface RandomModel {
  readonly conduits: readonly RandomConduit[];
  /** Which flows, by their place over all conduits, the mode `island` keeps. */
  readonly kept: readonly number[];
  /** Whether each zone's first asset is believed with its own link-layer address only. */
  readonly boundSources: boolean;
  /** Whether everything has an IPv6 address as well. */
  readonly ipv6: boolean;
}

export interface RandomConduit {
  readonly from: ZoneName;
  readonly to: ZoneName;
  readonly oneWay: boolean;
  readonly schedule: 'none' | 'open' | 'shut';
  readonly undeclared: boolean;
  readonly flows: readonly RandomFlow[];
}

export interface RandomFlow {
  readonly kind: 'tcp' | 'udp' | 'icmp-echo' | 'modbus';
  /** Places among {@link endsOf} of the zone. */
  readonly sources: readonly number[];
  readonly destinations: readonly number[];
  readonly ports: readonly [number, number];
  readonly session: boolean;
}

export const Zones = ['office', 'line1', 'line2', 'dmz'] as const;
export type ZoneName = (typeof Zones)[number];

/** Where a zone lies: its device at the box, and what its addresses begin with. */
export const Places: Readonly<Record<ZoneName, Place>> = {
  office: { device: 'a0', net: '10.81.1', net6: 'fd00:81:1:' },
  line1: { device: 'b0', net: '10.82.1', net6: 'fd00:82:1:' },
  line2: { device: 'b0', net: '10.82.2', net6: 'fd00:82:2:' },
  dmz: { device: 'c0', net: '10.83.1', net6: 'fd00:83:1:' },
};

export interface Place {
  readonly device: string;
  readonly net: string;
  readonly net6: string;
}

/** The address of a host in a zone; the number stands in it as it is written. */
export function addressOf(zone: ZoneName, host: number, ipv6: boolean): string {
  return ipv6 ? `${Places[zone].net6}:${host}` : `${Places[zone].net}.${host}`;
}

/** Host numbers that have assets, and one that has none. */
export const Hosts = [10, 11, 12] as const;
export const Stranger = 77;

/** Names an end of a flow can have in a zone. */
export function endsOf(zone: ZoneName): readonly string[] {
  return [...Hosts.map((host) => `${zone}-${host}`), zone];
}

/** Link-layer address of a host, bound or not. */
export function etherOf(zone: ZoneName, host: number): string {
  return `02:00:00:00:${hex(Zones.indexOf(zone) + 1)}:${hex(host)}`;
}

/** The day all models are asked on: a Friday, noon. */
export const Noon = Date.UTC(2026, 10, 20, 12);

const port = fc.integer({ min: 1, max: 12 });
const randomFlow: fc.Arbitrary<RandomFlow> = fc.record({
  kind: fc.constantFrom('tcp', 'tcp', 'udp', 'icmp-echo', 'modbus'),
  sources: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 2 }),
  destinations: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 2 }),
  ports: fc.tuple(port, fc.nat({ max: 4 })).map(([first, more]): [number, number] => [first, first + more]),
  session: fc.integer({ min: 0, max: 5 }).map((dice) => dice === 5),
});
const randomConduit: fc.Arbitrary<RandomConduit> = fc
  .record({
    ends: fc.uniqueArray(fc.constantFrom(...Zones), { minLength: 2, maxLength: 2 }),
    oneWay: fc.integer({ min: 0, max: 4 }).map((dice) => dice === 4),
    schedule: fc.constantFrom('none', 'none', 'none', 'open', 'shut'),
    undeclared: fc.integer({ min: 0, max: 7 }).map((dice) => dice === 7),
    flows: fc.array(randomFlow, { minLength: 1, maxLength: 4 }),
  })
  .map(({ ends: [from = 'office', to = 'dmz'], ...rest }) => ({ from, to, ...rest }));

export const randomModel: fc.Arbitrary<RandomModel> = fc.record({
  conduits: fc.array(randomConduit, { minLength: 1, maxLength: 7 }),
  kept: fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 12 }),
  boundSources: fc.boolean(),
  ipv6: fc.boolean(),
});

/** Whose session is granted: nobody's, or that of the vendor who opens all that waits for one. */
export const randomSession: fc.Arbitrary<string> = fc.constantFrom('', 'maker');

/**
 * The model as a person would write it. Ports are kept apart by kind of flow and by gate, because the compiler refuses
 * flows that permit the same packets in different ways.
 */
export function modelText({ conduits, kept, boundSources, ipv6 }: RandomModel): string {
  const flows = conduits.flatMap((conduit, index) => conduit.flows.map((_, place) => flowId(index, place)));
  const keep = kept.filter((place) => place < flows.length).map((place) => flows[place]);
  const waiting = conduits.flatMap((conduit, index) =>
    conduit.flows.flatMap(({ session }, place) => (session ? [flowId(index, place)] : [])),
  );
  return `apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: random, suc: Random, owner: ot@random.example, policy_version: 1, reviewed: 2026-11-01}
gateways:
  gw:
    deny_action: {tcp: drop, udp: drop}
    interfaces:
      a0: {zone: office, address: 10.81.1.1/24}
      line1: {source: ${sourcesOf('line1', ipv6)}, on: b0, zone: line1, address: 10.82.1.1/24}
      line2: {source: ${sourcesOf('line2', ipv6)}, on: b0, zone: line2, address: 10.82.2.1/24}
      c0: {zone: dmz, address: 10.83.1.1/24}
zones:
${Zones.map((zone) => zoneText(zone, boundSources, ipv6)).join('\n')}
modbus_profiles:
  any: {allow: [{fc: [3], units: [1], address: 0-9}]}
conduits:
${conduits.map(conduitText).join('\n')}
vendor_access:
  maker:
    company: Maker
    people: [{id: ann@maker.example}]
    entry: {zone: dmz, asset: dmz-10}
    opens: [${waiting.join(', ')}]
    contract_ends: 2027-06-01
    targets: [{asset: line1-10, port: 44818}]
modes:
  normal: {}
  island: {keep: [${keep.join(', ')}]}
`;
}

function sourcesOf(zone: ZoneName, ipv6: boolean): string {
  const { net, net6 } = Places[zone];
  return `[${net}.0/24${ipv6 ? `, "${net6}:/64"` : ''}]`;
}

function zoneText(zone: ZoneName, boundSources: boolean, ipv6: boolean): string {
  const assets = Hosts.map((host) => {
    const mac = boundSources && host === Hosts[0] ? `, mac: "${etherOf(zone, host)}"` : '';
    const six = ipv6 ? `, "${addressOf(zone, host, true)}"` : '';
    return `      ${zone}-${host}: {ip: [${addressOf(zone, host, false)}${six}], type: plc, criticality: low${mac}}`;
  });
  return [
    `  ${zone}:`,
    '    kind: control',
    `    networks: ${sourcesOf(zone, ipv6)}`,
    '    sl_t: {level: 1, rationale: random}',
    '    assets:',
    ...assets,
  ].join('\n');
}

function conduitText(
  { from, to, oneWay, schedule, undeclared, flows }: RandomConduit,
  index: number,
): string {
  const hours = { none: '', open: '06:00-18:00', shut: '00:00-06:00' }[schedule];
  return [
    `  C-${index}:`,
    `    from: ${from}`,
    `    to: ${to}`,
    '    sl_t: {level: 1, rationale: random}',
    '    purpose: Random',
    '    ticket: T-1',
    ...(oneWay ? ['    one_way: true'] : []),
    ...(hours === '' ? [] : [`    schedule: {days: [fri], hours: "${hours}", tz: UTC}`]),
    ...(undeclared && !oneWay ? ['    stage: {audit_until: 2099-01-01T00:00:00Z, undeclared: pass}'] : []),
    '    flows:',
    ...flows.map((flow, place) => `      F-${place}: ${flowText(flow, from, to, oneWay, schedule)}`),
  ].join('\n');
}

function flowText(
  { kind, sources, destinations, ports, session }: RandomFlow,
  from: ZoneName,
  to: ZoneName,
  oneWay: boolean,
  schedule: RandomConduit['schedule'],
): string {
  const names = (zone: ZoneName, places: readonly number[]) =>
    `[${places.map((place) => endsOf(zone)[place]).join(', ')}]`;
  const protocol = oneWay ? 'udp' : kind === 'modbus' ? 'tcp' : kind;
  const first = portBase({ kind, session, schedule, oneWay }) + ports[0];
  const last = first + ports[1] - ports[0];
  // An inspected flow leads to named servers.
  const servers =
    kind === 'modbus' && !oneWay ? destinations.map((place) => Math.min(place, 2)) : destinations;
  return `{${[
    `src: ${names(from, sources)}`,
    `dst: ${names(to, [...new Set(servers)])}`,
    `proto: ${protocol}`,
    ...(protocol === 'icmp-echo' ? [] : [`port: ${first === last ? first : `${first}-${last}`}`]),
    ...(kind === 'modbus' && !oneWay ? ['modbus: any'] : []),
    ...(session ? ['requires: session'] : []),
  ].join(', ')}}`;
}

/** Each way of permitting a packet has a hundred ports of its own. */
function portBase(
  of: Pick<RandomFlow, 'kind' | 'session'> & Pick<RandomConduit, 'schedule' | 'oneWay'>,
): number {
  const way =
    (of.kind === 'modbus' ? 1 : 0) + (of.session ? 2 : 0) + 4 * ['none', 'open', 'shut'].indexOf(of.schedule);
  return 100 * (1 + way + (of.oneWay ? 12 : 0));
}

function flowId(conduit: number, flow: number): string {
  return `C-${conduit}/F-${flow}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
