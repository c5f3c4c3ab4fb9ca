/** A model in which every name and every text of a person can be chosen; JSON, which is YAML as well. */
export interface HostileWords {
  readonly site: string;
  readonly gateway: string;
  readonly devices: readonly [string, string];
  readonly zones: readonly [string, string];
  readonly assets: readonly [string, string, string];
  readonly profile: string;
  readonly service: string;
  readonly conduit: string;
  /** Inspected, plain with limits, echo, one that ends. */
  readonly flows: readonly [string, string, string];
  readonly gatedConduit: string;
  readonly mode: string;
  /** Owner, ticket, rationale, purpose, labels: what only people read. */
  readonly text: string;
}

export const PlainWords: HostileWords = {
  site: 'site',
  gateway: 'gw',
  devices: ['a0', 'b0'],
  zones: ['office', 'plant'],
  assets: ['pc', 'plc', 'camera'],
  profile: 'read',
  service: 'page',
  conduit: 'C-01',
  flows: ['F-01', 'F-02', 'F-03'],
  gatedConduit: 'C-02',
  mode: 'island',
  text: 'words',
};

export function hostileModel(words: HostileWords): string {
  const { text, zones, assets, devices, flows, conduit, gatedConduit } = words;
  const level = { level: 1, rationale: text, ref: text };
  const ends = { src: assets[0], dst: assets[2] };
  const ways = {
    from: zones[0],
    to: zones[1],
    sl_t: level,
    purpose: text,
    ticket: text,
    owner: text,
    name: text,
  };
  return JSON.stringify({
    apiVersion: 'penstock/v1',
    kind: 'ZoneModel',
    metadata: { site: words.site, suc: text, owner: text, policy_version: 1, reviewed: '2026-06-01' },
    gateways: {
      [words.gateway]: {
        interfaces: {
          [devices[0]]: { zone: zones[0], address: '10.1.0.1/24' },
          [devices[1]]: { zone: zones[1], address: '10.2.0.1/24' },
        },
        services: { [words.service]: { from: assets[0], port: 443 } },
      },
    },
    zones: {
      [zones[0]]: {
        kind: 'control',
        name: text,
        networks: ['10.1.0.0/24'],
        sl_t: level,
        assets: { [assets[0]]: asset('10.1.0.10', text) },
      },
      [zones[1]]: {
        kind: 'control',
        networks: ['10.2.0.0/24'],
        sl_t: level,
        assets: { [assets[1]]: asset('10.2.0.30', text), [assets[2]]: asset('10.2.0.40', text) },
      },
    },
    modbus_profiles: {
      [words.profile]: { allow: [{ name: text, fc: [3], units: [1], address: '0-9' }] },
    },
    conduits: {
      [conduit]: {
        ...ways,
        stage: { audit_until: '2026-12-24T12:00:00Z', undeclared: 'pass' },
        flows: {
          [flows[0]]: { src: assets[0], dst: assets[1], proto: 'tcp', port: 502, modbus: words.profile },
          [flows[1]]: { ...ends, proto: 'tcp', port: 80, ticket: text, limits: { packets_per_second: 9 } },
          [flows[2]]: { ...ends, proto: 'icmp-echo', owner: text },
        },
      },
      [gatedConduit]: {
        ...ways,
        temporary: { opened: '2026-11-01', expires: '2026-12-19T00:00:00Z', approver: text },
        flows: { [flows[0]]: { ...ends, proto: 'udp', port: 161 } },
      },
    },
    modes: { [words.mode]: { purpose: text, authority: text, keep: [`${conduit}/${flows[1]}`] } },
  });
}

function asset(ip: string, text: string): object {
  return { ip, type: 'plc', criticality: 'low', firmware: text, mac: '02:00:5e:10:20:10' };
}
