/** How large a made-up plant is. */
export interface PlantSize {
  readonly flows: number;
  /** Legs of the box; flows run from each zone to the next. */
  readonly zones: number;
}

/**
 * A plant with that many flows: of ten, six plain TCP, one UDP, one echo, two inspected with value limits, each
 * between assets of its own. The first flow is UDP from `a0-0` to port 7 of `a1-0`, for probes. Invariants and
 * tests are of the kinds people write.
 */
export function plantText({ flows, zones }: PlantSize): string {
  const perConduit = Math.ceil(flows / zones);
  const assets = Math.max(2, perConduit);
  const sizes = times(zones, (zone) => [Math.max(0, Math.min(perConduit, flows - zone * perConduit))]);
  return [
    'apiVersion: penstock/v1',
    'kind: ZoneModel',
    'metadata: {site: bench, owner: ops@plant.example, policy_version: 1, reviewed: 2026-06-01}',
    'gateways:',
    '  box:',
    '    interfaces:',
    ...times(zones, (zone) => [`      leg${zone}: {zone: z${zone}, address: ${network(zone)}.255.254/16}`]),
    '    services: {ssh: {from: a0-0, port: 22}}',
    'zones:',
    ...times(zones, (zone) => zoneLines(zone, assets)),
    ...Profile,
    'conduits:',
    ...sizes.flatMap((size, zone) => conduitLines(zone, (zone + 1) % zones, size)),
    'modes:',
    '  island: {keep: [C-0]}',
    'tests:',
    '  - {name: probe, from: a0-0, to: a1-0, proto: udp, port: 7, expect: allow, by: C-0/F-0}',
    'invariants:',
    '  - {id: I-1, never: {from: z1, to: z0, modbus: {class: write, address: 0-99}}}',
    '  - {id: I-2, never: {from: "*", to: z1, modbus: {fc: [8, 43]}, port: 502}}',
    '  - {id: I-3, max_writers: {to: z1, modbus_class: write, modbus: {address: 100-119}, count: 1000}}',
    `  - {id: I-4, path: {from: z0, to: z${Math.min(2, zones - 1)}, must_cross: z1}}`,
    '  - {id: I-5, never: {from: z0, to: z1, proto: tcp, port: 22}}',
  ].join('\n');
}

/** Address of an asset of the plant. */
export function plantAddress(zone: number, asset: number): string {
  return `${network(zone)}.${Math.floor(asset / 250)}.${(asset % 250) + 1}`;
}

const Profile = [
  'modbus_profiles:',
  '  setpoints:',
  '    allow:',
  '      - {fc: [3, 4], units: [1], address: 0-399}',
  '      - {fc: [6, 16], units: [1], address: 100-119, value: {min: 0, max: 1000}}',
];

function network(zone: number): string {
  return `10.${zone + 1}`;
}

function zoneLines(zone: number, assets: number): readonly string[] {
  return [
    `  z${zone}:`,
    '    kind: control',
    `    networks: [${network(zone)}.0.0/16]`,
    '    sl_t: {level: 2, rationale: "reasons"}',
    '    assets:',
    ...times(assets, (asset) => [
      `      a${zone}-${asset}: {ip: ${plantAddress(zone, asset)}, criticality: high}`,
    ]),
  ];
}

function conduitLines(from: number, to: number, size: number): readonly string[] {
  return [
    `  C-${from}:`,
    `    from: z${from}`,
    `    to: z${to}`,
    '    sl_t: {level: 2, rationale: "same"}',
    '    purpose: polling',
    '    ticket: CHG-1',
    '    flows:',
    ...times(size, (flow) => [
      `      F-${flow}: {src: a${from}-${flow}, dst: a${to}-${flow}, ${service(flow)}}`,
    ]),
  ];
}

function service(flow: number): string {
  switch (flow % 10) {
    case 0:
      return 'proto: udp, port: 7';
    case 1:
      return 'proto: icmp-echo';
    case 2:
    case 3:
      return 'proto: tcp, port: 502, modbus: setpoints';
    default:
      return `proto: tcp, port: ${8000 + (flow % 20_000)}`;
  }
}

function times<T>(count: number, lines: (index: number) => readonly T[]): T[] {
  return Array.from({ length: count }, (_, index) => lines(index)).flat();
}
