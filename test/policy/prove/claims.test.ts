import { describe, expect, test } from 'vitest';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import { proveInvariants } from '../../../policy/prove/invariants.ts';
import { Now, plant } from './plants.ts';

const Names = ['office', 'dmz', 'plant', 'cell', 'world'];
const zone = (name: string, at: number, rest = '', assets = '') =>
  `  ${name}: {kind: ${name === 'world' ? 'external' : 'control'}, networks: [10.${at}.0.0/24], sl_t: {level: 2, rationale: r}${rest}, assets: {${name}-1: {ip: 10.${at}.0.5, criticality: low}${assets}}}`;
const Zones = Names.map((name, at) => zone(name, at + 1));
const flow = (id: number, from: string, to: string, rest = 'proto: tcp, port: 443', more = '') =>
  `  C-${id}: {from: ${from.replace(/-.*/, '')}, to: ${to.replace(/-.*/, '')}, sl_t: {level: 2, rationale: r}, purpose: p, ticket: t${more}, flows: {F-1: {src: ${from}, dst: ${to}, ${rest}}}}`;
const Modbus = 'proto: tcp, port: 502, modbus: p';
const Profile = [
  'modbus_profiles:',
  '  p:',
  '    allow: [{fc: [6], units: [1], address: 0-9}]',
  '  r:',
  '    allow: [{fc: [3], units: [1], address: 0-9}]',
];

function site(
  invariant: string,
  conduits: readonly string[],
  more: readonly string[] = [],
  zones = Zones,
): ZoneModel {
  const lines = [
    'zones:',
    ...zones,
    ...Profile,
    ...more,
    'conduits:',
    ...conduits,
    'invariants:',
    `  - {id: I-1, ${invariant}}`,
  ];
  return plant(Names, lines.join('\n'));
}

function proved(model: ZoneModel): string {
  const [result] = proveInvariants(model, Now);
  return `${result?.outcome}: ${result?.sentence}`;
}

describe('only', () => {
  test('holds by what is allowed, and not beside it', () => {
    const conduits = [flow(1, 'office-1', 'plant-1'), flow(2, 'dmz-1', 'plant-1')];
    expect(proved(site('only: {from: "*", to: plant, allow: [C-1/F-1, C-2/F-1]}', conduits))).toMatch(
      /^holds/,
    );
    expect(proved(site('only: {from: "*", to: plant, allow: [C-1/F-1]}', conduits))).toMatch(
      /^broken.*by C-2\/F-1/,
    );
    expect(proved(site('only: {from: office, to: plant, allow: [C-1/F-1]}', conduits))).toMatch(/^holds/);
  });

  test('counts what the box itself may send, where anyone is asked about', () => {
    const egress = (invariant: string) => {
      const { gateways, ...rest } = site(invariant, [flow(1, 'office-1', 'plant-1')]);
      const to = rest.invariants.flatMap((each) => (each.kind === 'only' && each.to !== '*' ? each.to : []));
      const own = {
        at: { line: 9, column: 1 },
        name: 'ntp',
        to,
        protocol: 'udp',
        ports: [{ first: 123, last: 123 }],
      } as const;
      const interfaces = gateways[0]!.interfaces.map((each, at) => ({
        ...each,
        address: `10.${at + 1}.0.1/24`,
      }));
      return proved({ ...rest, gateways: gateways.map((box) => ({ ...box, interfaces, egress: [own] })) });
    };
    expect(egress('only: {from: "*", to: plant, allow: [C-1/F-1]}')).toMatch(
      /^broken.*the gateway box may send .* udp\/123/,
    );
    expect(egress('only: {from: [office, dmz], to: plant, allow: [C-1/F-1]}')).toMatch(/^holds/);
  });
});

describe('path', () => {
  const path = 'path: {from: office, to: plant, must_cross: dmz}';

  test('holds where every chain of connections leads through the zone', () => {
    const chain = [flow(1, 'office-1', 'dmz-1'), flow(2, 'dmz-1', 'cell-1'), flow(3, 'cell-1', 'plant-1')];
    expect(proved(site(path, chain))).toMatch(/^holds/);
    // Against the direction of the connection nobody gets on.
    expect(proved(site(path, [...chain, flow(4, 'cell-1', 'office-1')]))).toMatch(/^holds/);
  });

  test('shows the chain that leads past it', () => {
    const past = [flow(1, 'office-1', 'cell-1'), flow(2, 'cell-1', 'plant-1'), flow(3, 'office-1', 'dmz-1')];
    expect(proved(site(path, past))).toMatch(
      /leads from office to cell by C-1\/F-1 \(line \d+\), from cell to plant by C-2\/F-1/,
    );
  });

  test('leads from a zone to the others that are asked about, also where it is one of them itself', () => {
    const past = [flow(1, 'office-1', 'plant-1'), flow(2, 'office-1', 'dmz-1')];
    const through = [flow(1, 'dmz-1', 'plant-1'), flow(2, 'office-1', 'dmz-1')];
    for (const to of ['"*"', '[office, plant]']) {
      const all = `path: {from: office, to: ${to}, must_cross: dmz}`;
      expect(proved(site(all, past))).toMatch(/^broken.*from office to plant by C-1\/F-1/);
      expect(proved(site(all, through))).toMatch(/^holds/);
    }
    const both = 'path: {from: [office, plant], to: plant, must_cross: dmz}';
    expect(proved(site(both, past))).toMatch(/^broken.*from office to plant by C-1\/F-1/);
  });

  test('goes through whoever stands in two zones, though no packet of theirs is seen', () => {
    const zones = [
      zone('office', 1, '', ', pc: {ip: 10.1.0.9, criticality: low, also_in: cell}'),
      ...Zones.slice(1),
    ];
    const conduits = [flow(1, 'office-1', 'dmz-1'), flow(2, 'cell-1', 'plant-1')];
    expect(proved(site(path, conduits))).toMatch(/^holds/);
    expect(proved(site(path, conduits, [], zones))).toMatch(/^broken.*from office to cell by the legs of pc/);
  });

  test('leads over a leg into the very zone that is asked about', () => {
    const zones = [
      zone('office', 1, '', ', pc: {ip: 10.1.0.9, criticality: low, also_in: plant}'),
      ...Zones.slice(1),
    ];
    for (const from of ['office', 'pc']) {
      const path = `path: {from: ${from}, to: plant, must_cross: dmz}`;
      expect(proved(site(path, [flow(1, 'office-1', 'dmz-1')], [], zones))).toMatch(
        /^broken.*from office to plant by the legs of pc/,
      );
    }
  });

  test('follows declared paths without IP, those from outside the site from external zones', () => {
    const stick = (from: string) => [
      'non_ip_paths:',
      `  stick: {kind: usb, ${from}to: plant, purpose: recipes}`,
    ];
    const conduits = [flow(1, 'office-1', 'dmz-1')];
    expect(proved(site(path, conduits, stick('from: office, ')))).toMatch(/^broken.*by the usb path stick/);
    expect(proved(site(path, conduits, stick('')))).toMatch(/^holds/);
    const outside = 'path: {from: world, to: plant, must_cross: dmz}';
    expect(proved(site(outside, conduits, stick('')))).toMatch(
      /^broken.*from world to plant by the usb path stick/,
    );
  });
});

describe('max_writers', () => {
  const most = (count: number, rest = '') => `max_writers: {to: plant, count: ${count}${rest}}`;
  const two = [flow(1, 'office-1', 'plant-1', Modbus), flow(2, 'dmz-1', 'plant-1', Modbus)];

  test('counts the clients of each server by itself', () => {
    expect(proved(site(most(2), two))).toMatch(/^holds/);
    expect(proved(site(most(1), two))).toMatch(
      /^broken: I-1 does not hold: 2 clients may say this to plant-1, 1 at most/,
    );
    const readers = [
      flow(1, 'office-1', 'plant-1', Modbus),
      flow(2, 'dmz-1', 'plant-1', 'proto: tcp, port: 502, modbus: r'),
    ];
    expect(proved(site(most(1), readers))).toMatch(/^holds/);
  });

  test('counts one client once, whatever its flows', () => {
    const twice = [
      flow(1, 'office-1', 'plant-1', Modbus),
      flow(2, 'office-1', 'plant-1', 'proto: tcp, port: 5020'),
    ];
    expect(proved(site(most(1), twice))).toMatch(/^holds/);
  });

  test('counts every address of a zone, and servers that are no asset', () => {
    expect(proved(site(most(255), [flow(1, 'office', 'plant-1')]))).toMatch(/^broken.*: 256 clients/);
    expect(proved(site(most(0), [flow(1, 'office-1', 'plant', 'proto: udp, port: 502')]))).toMatch(
      /^broken.*1 client may say this to plant-1/,
    );
  });

  test('counts those who may write what is asked about', () => {
    expect(proved(site(most(0, ', modbus: {class: write, address: 10-99}'), two))).toMatch(/^holds/);
    expect(proved(site(most(1, ', modbus: {class: write, address: 9-99}'), two))).toMatch(/^broken/);
  });
});

describe('hostile models', () => {
  test('of nothing have nothing that breaks a statement', () => {
    const bare = Names.map((name) => `  ${name}: {kind: control, sl_t: {level: 2, rationale: r}}`);
    expect(proved(site('never: {from: "*", to: "*"}', [flow(1, 'office', 'plant')], [], bare))).toMatch(
      /^holds/,
    );
    expect(proved(site('max_writers: {to: "*", count: 0}', [flow(1, 'office', 'plant')], [], bare))).toMatch(
      /^holds/,
    );
  });

  test('with zones inside one another break a statement about either', () => {
    const nested = [...Zones.slice(0, 2), Zones[2]!.replace('10.3.0.0/24', '10.0.0.0/8'), ...Zones.slice(3)];
    const model = site('never: {from: office, to: plant}', [flow(1, 'office-1', 'cell-1')], [], nested);
    expect(proved(model)).toMatch(/^broken.*by C-1\/F-1/);
    expect(proved(site('never: {from: office, to: plant}', [flow(1, 'office-1', 'cell-1')]))).toMatch(
      /^holds/,
    );
  });

  test('are reached where one of their assets has a leg in another zone', () => {
    const zones = [
      ...Zones.filter((text) => !text.startsWith('  cell')),
      zone('cell', 4, '', ', sis: {ip: [10.4.0.9, 10.3.0.9], criticality: low, also_in: plant}'),
    ];
    const into = [flow(1, 'office-1', 'plant')];
    const out = [flow(1, 'plant', 'office-1')];
    expect(proved(site('never: {from: office, to: cell}', into, [], zones))).toMatch(
      /^broken.*may send 10\.3\.0\.9 in plant/,
    );
    expect(proved(site('never: {from: cell, to: office}', out, [], zones))).toMatch(/^broken/);
    expect(proved(site('max_writers: {to: cell, count: 0}', into, [], zones))).toMatch(/^broken/);
    expect(proved(site('never: {from: dmz, to: cell}', into, [], zones))).toMatch(/^holds/);
  });

  test('are reached there also where nothing says by which address', () => {
    const zones = [
      ...Zones.filter((text) => !text.startsWith('  cell')),
      zone('cell', 4, '', ', sis: {ip: 10.4.0.9, criticality: low, also_in: plant}'),
    ];
    const [into, out] = [[flow(1, 'office-1', 'plant')], [flow(1, 'plant', 'office-1')]];
    for (const to of ['sis', 'cell']) {
      expect(proved(site(`never: {from: office, to: ${to}}`, into, [], zones))).toMatch(
        /^broken.*may send 10\.3\.0\.0 in plant/,
      );
      expect(proved(site(`max_writers: {to: ${to}, count: 0}`, into, [], zones))).toMatch(/^broken/);
    }
    expect(proved(site('never: {from: sis, to: office}', out, [], zones))).toMatch(/^broken/);
    const beside = [flow(1, 'office-1', 'plant-1')];
    expect(proved(site('never: {from: office, to: sis}', beside, [], zones))).toMatch(/^holds/);
    expect(proved(site('never: {from: office, to: cell-1}', into, [], zones))).toMatch(/^holds/);
  });

  test('with all of IPv6 are counted and not listed', () => {
    const wide = [
      Zones[0]!.replace('10.1.0.0/24', '10.1.0.0/24, "fd00::/8"'),
      ...Zones.slice(1, 2),
      Zones[2]!.replace('10.3.0.0/24', '10.3.0.0/24, "fe80::/10"'),
      ...Zones.slice(3),
    ];
    const model = site('max_writers: {to: plant, count: 1000}', [flow(1, 'office', 'plant')], [], wide);
    expect(proved(model)).toMatch(new RegExp(`^broken.*: ${2n ** 120n + 256n} clients`));
  });

  test('leave out the IPv6 addresses that an inspector does not serve', () => {
    const six = [
      Zones[0]!.replace('ip: 10.1.0.5', 'ip: "fd00::5"').replace('10.1.0.0/24', 'fd00::/64'),
      ...Zones.slice(1),
    ];
    const inspected = [flow(1, 'office-1', 'plant-1', Modbus)];
    expect(proved(site('never: {from: office, to: plant}', inspected, [], six))).toMatch(/^holds/);
  });

  test('that say everything at once are decided all the same', () => {
    const all = [
      'modbus_profiles:',
      '  p:',
      '    allow: [{fc: [1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 24], units: 0-255, address: 0-65535, read_address: 0-65535}]',
      '  r:',
      '    allow: [{fc: [3], units: [1], address: 0-9}]',
    ];
    const lines = [
      'zones:',
      ...Zones,
      ...all,
      'conduits:',
      flow(1, 'office-1', 'plant-1', Modbus),
      'invariants:',
    ];
    const statement =
      '  - {id: I-1, never: {from: "*", to: "*", modbus: {class: write, units: 0-255, address: 0-65535, value: {min: 0, max: 65535}}, port: 1-65535}}';
    expect(proved(plant(Names, [...lines, statement].join('\n')))).toMatch(/^broken/);
  });

  test('with aliases for a whole register are told from those that never pass', () => {
    const coils = Array.from(
      { length: 16 },
      (_, bit) => `{coil: ${bit}, is: {register: 140, bit: ${bit}}}`,
    ).join(', ');
    const aliased = [
      'modbus_profiles:',
      '  p:',
      '    allow: [{fc: [15], units: [1], address: 0-15}, {fc: [22], units: [1], address: 140, value: {max: 5}}]',
      `    alias: [${coils}]`,
      '  r:',
      '    allow: [{fc: [3], units: [1], address: 0-9}]',
    ];
    const model = (statement: string) =>
      plant(
        Names,
        [
          'zones:',
          ...Zones,
          ...aliased,
          'conduits:',
          flow(1, 'office-1', 'plant-1', Modbus),
          'invariants:',
          `  - {id: I-1, ${statement}}`,
        ].join('\n'),
      );
    expect(proved(model('never: {from: office, to: plant, modbus: {fc: [15]}}'))).toMatch(
      /^(broken|unproved)/,
    );
    expect(proved(model('never: {from: office, to: plant, modbus: {fc: [15], address: 16-99}}'))).toMatch(
      /^holds/,
    );
  });
});
