import { describe, expect, test } from 'vitest';
import { formatFinding } from '../../../policy/finding.ts';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import { invariantFindings, proveInvariants } from '../../../policy/prove/invariants.ts';
import { example, Now, plant } from './plants.ts';

const Zones = [
  'zones:',
  '  office: {kind: enterprise, networks: [10.1.0.0/24], sl_t: {level: 1, rationale: r}, assets: {pc: {ip: 10.1.0.5, criticality: low}}}',
  '  dmz: {kind: dmz, networks: [10.2.0.0/24], sl_t: {level: 2, rationale: r}, assets: {relay: {ip: 10.2.0.5, criticality: low}}}',
  '  plant: {kind: control, networks: [10.3.0.0/24], sl_t: {level: 2, rationale: r}, assets: {plc: {ip: 10.3.0.5, criticality: low}, line: {ip: 10.3.0.6, criticality: low, modbus: {device: serial-gateway}}}}',
];

/** A model of an office, a DMZ and a plant, with some Modbus permissions of the PC at the PLC. */
function site(
  invariant: string,
  permissions: readonly string[],
  more: readonly string[] = [],
  zones = Zones,
): ZoneModel {
  return plant(
    ['office', 'dmz', 'plant'],
    [
      ...zones,
      ...(permissions.length === 0
        ? []
        : ['modbus_profiles:', '  p:', '    allow:', ...permissions.map((each) => `      - ${each}`)]),
      ...more,
      'conduits:',
      '  C-1: {from: office, to: plant, sl_t: {level: 2, rationale: r}, purpose: p, ticket: t, flows: {F-1: {src: pc, dst: [plc, line], proto: tcp, port: 502, modbus: p}}}',
      '  C-2: {from: office, to: dmz, sl_t: {level: 2, rationale: r}, purpose: p, ticket: t, flows: {F-1: {src: pc, dst: relay, proto: tcp, port: 443}}}',
      'invariants:',
      `  - {id: I-1, ${invariant}}`,
    ].join('\n'),
  );
}

function outcome(model: ZoneModel): string {
  return proveInvariants(model, Now)[0]?.outcome ?? 'nothing';
}

function sentence(model: ZoneModel): string {
  return proveInvariants(model, Now)[0]?.sentence ?? '';
}

describe('the invariants of the shipped examples', () => {
  test.for(['waterworks', 'flat-network'] as const)('hold in %s', (name) => {
    expect(invariantFindings(example(name), Now)).toEqual([]);
  });

  test.for([
    [
      'a way from the enterprise',
      '{src: bi-server, dst: hist-replica, proto: tcp, port: 443, ticket: CHG-1001}',
      '{src: bi-server, dst: hist-replica, proto: tcp, port: 443, ticket: CHG-1001}\n  C-99:\n    from: enterprise\n    to: process\n    sl_t: {level: 3, rationale: r}\n    purpose: p\n    flows:\n      F-01: {src: siem, dst: plc-intake, proto: tcp, port: 44818, ticket: t}',
    ],
    [
      'a write into the SIS',
      '{fc: [2], units: [1], address: 0-15, name: "leak permissives"}',
      '{fc: [2, 5], units: [1], address: 0-15, name: "leak permissives"}',
    ],
    [
      'a second writer',
      'dst: [plc-intake, plc-dosing], proto: tcp, port: 502, modbus: read-telemetry',
      'dst: [plc-intake, plc-dosing], proto: tcp, port: 502, modbus: scada-setpoints',
    ],
    [
      'a second writer in one mode',
      'modbus: {C-05/F-01: read-telemetry}',
      'modbus: {C-05/F-01: read-telemetry, C-05/F-02: scada-setpoints}',
    ],
    [
      'a writer in its audit stage',
      '{src: hmi-1, dst: [plc-intake, plc-dosing], proto: tcp, port: 502, modbus: read-telemetry',
      '{src: hmi-1, dst: [plc-intake, plc-dosing], proto: tcp, port: 502, modbus: read-telemetry, stage: {audit_until: 2027-01-01T00:00:00Z}',
    ],
    ['an SIS without inspection', 'port: 502, modbus: sis-status, ticket', 'port: 502, ticket'],
    ['a vendor that is not allowed', 'C-06/F-01, pumpco]', 'C-06/F-01]'],
  ] as const)('are broken by %s', async ([name, before, after]) => {
    const findings = invariantFindings(example('waterworks', [before, after]), Now);
    // The example grows at its top; which line it is shows further down.
    const text = findings
      .map((finding) => `${formatFinding(finding)}\n`.replaceAll(/line \d+|:\d+:\d+/g, 'line n'))
      .join('');
    expect(text).not.toBe('');
    const file = new URL(`../../golden/prove/${name.replaceAll(' ', '-')}.out`, import.meta.url);
    await expect(text).toMatchFileSnapshot(file.pathname);
  });
});

describe('never', () => {
  const never = (what: string) => `never: {from: office, to: plc, ${what}}`;

  test.for([
    ['reads are no writes', 'modbus_class: write', ['{fc: [1, 2, 3, 4], units: [1], address: 0-9}'], 'holds'],
    ['a mask write is one', 'modbus_class: write', ['{fc: [22], units: [1], address: 5}'], 'broken'],
    [
      'reading and writing is both',
      'modbus_class: read',
      ['{fc: [23], units: [1], address: 5, read_address: 9}'],
      'broken',
    ],
    ['a restart is a write', 'modbus_class: write', ['{fc: [8], sub: [1], units: [1]}'], 'broken'],
    ['an echo is none', 'modbus_class: write', ['{fc: [8], sub: [0], units: [1]}'], 'holds'],
    ['identification is none', 'modbus_class: write', ['{fc: [43], mei: [14], units: [1]}'], 'holds'],
    [
      'a file is written',
      'modbus_class: write',
      ['{fc: [21], units: [1], files: [{file: 1, records: 0-9}]}'],
      'broken',
    ],
    ['another function', 'modbus: {fc: [16]}', ['{fc: [6], units: [1], address: 5}'], 'holds'],
    ['another unit', 'modbus: {units: [2]}', ['{fc: [6], units: [1], address: 5}'], 'holds'],
    [
      'the same device by its other unit',
      'modbus: {units: [255]}',
      ['{fc: [6], units: [0], address: 5}'],
      'broken',
    ],
    ['an address beside', 'modbus: {address: 6-9}', ['{fc: [6], units: [1], address: 0-5}'], 'holds'],
    ['an address at the edge', 'modbus: {address: 5-9}', ['{fc: [16], units: [1], address: 0-5}'], 'broken'],
    [
      'what is read by a function that writes elsewhere',
      'modbus: {class: write, address: 9}',
      ['{fc: [23], units: [1], address: 5, read_address: 9}'],
      'holds',
    ],
    [
      'what it reads',
      'modbus: {class: read, address: 9}',
      ['{fc: [23], units: [1], address: 5, read_address: 9}'],
      'broken',
    ],
    [
      'a value beyond',
      'modbus: {class: write, value: {min: 36, max: 65535}}',
      ['{fc: [6, 16, 22], units: [1], address: 5, value: {min: 0, max: 35}}'],
      'holds',
    ],
    [
      'a value at the edge',
      'modbus: {class: write, value: {min: 35, max: 35}}',
      ['{fc: [22], units: [1], address: 5, value: {min: 0, max: 35}}'],
      'broken',
    ],
    [
      'a listed value',
      'modbus: {class: write, value: {min: 4, max: 6}}',
      ['{fc: [6], units: [1], address: 5, value: {allowed: [3, 7]}}'],
      'holds',
    ],
    [
      'a negative value by its word',
      'modbus: {class: write, value: {min: 65535, max: 65535}}',
      ['{fc: [6], units: [1], address: 5, value: {type: s16, min: -1, max: 9}}'],
      'broken',
    ],
    [
      'bytes the other way round',
      'modbus: {class: write, value: {min: 256, max: 256}}',
      ['{fc: [6], units: [1], address: 5, value: {bytes: little, min: 1, max: 1}}'],
      'broken',
    ],
    [
      'and not as they stand',
      'modbus: {class: write, value: {min: 1, max: 1}}',
      ['{fc: [6], units: [1], address: 5, value: {bytes: little, min: 1, max: 1}}'],
      'holds',
    ],
    [
      'the upper word of a float',
      'modbus: {class: write, address: 4, value: {min: 16712, max: 16712}}',
      ['{fc: [16], units: [1], address: 4-5, value: {type: f32, min: 0, max: 12.5}}'],
      'broken',
    ],
    [
      'an upper word above its range',
      'modbus: {class: write, address: 4, value: {min: 16713, max: 32767}}',
      ['{fc: [16], units: [1], address: 4-5, value: {type: f32, min: 0, max: 12.5}}'],
      'holds',
    ],
    [
      'any lower word',
      'modbus: {class: write, address: 5, value: {min: 16713, max: 32767}}',
      ['{fc: [16], units: [1], address: 4-5, value: {type: f32, min: 0, max: 12.5}}'],
      'broken',
    ],
    [
      'the lower word first',
      'modbus: {class: write, address: 5, value: {min: 16712, max: 16712}}',
      ['{fc: [16], units: [1], address: 4-5, value: {type: f32, words: little, min: 0, max: 12.5}}'],
      'broken',
    ],
    [
      'the upper word behind it',
      'modbus: {class: write, address: 5, value: {min: 16713, max: 32767}}',
      ['{fc: [16], units: [1], address: 4-5, value: {type: f32, words: little, min: 0, max: 12.5}}'],
      'holds',
    ],
    [
      'half a value never passes',
      'modbus: {fc: [6]}',
      ['{fc: [6], units: [1], address: 4-5, value: {type: f32, min: 0, max: 12.5}}'],
      'holds',
    ],
    [
      'a write whose limits need a reading',
      'modbus: {address: 5}',
      [
        '{fc: [6], units: [1], address: 5, max_step: 5, min_interval: PT5S, when: {read: {fc: 2, unit: 1, address: 1}, is: 1, no_older_than: PT1S}}',
      ],
      'broken',
    ],
    [
      'opaque data, of which nobody knows',
      'modbus: {class: write, address: 5}',
      ['{fc: [90], sub: [1], units: [1], max_bytes: 260}'],
      'unproved',
    ],
    [
      'opaque data that is meant',
      'modbus: {fc: [90]}',
      ['{fc: [90], sub: [1], units: [1], max_bytes: 260}'],
      'broken',
    ],
    ['another port', 'port: 503', ['{fc: [3], units: [1], address: 5}'], 'holds'],
    ['another protocol', 'proto: udp', ['{fc: [3], units: [1], address: 5}'], 'holds'],
  ] as const)('%s', ([, what, permissions, expected]) => {
    const model = site(never(what), permissions);
    expect(`${outcome(model)}: ${sentence(model)}`).toMatch(new RegExp(`^${expected}: `));
  });

  test('means the register when a coil is a bit of it', () => {
    const alias = ['    alias:', '      - {coil: 64, is: {register: 140, bit: 15}}'];
    const open = ['{fc: [5, 22], units: [1], address: [64, 140]}'];
    const shut = [
      '{fc: [5], units: [1], address: 64}',
      '{fc: [6], units: [1], address: 140, value: {max: 5}}',
    ];
    expect(outcome(site(never('modbus: {fc: [5, 15], address: 140}'), open, alias))).toBe('broken');
    expect(outcome(site(never('modbus: {fc: [5, 15], address: 140}'), shut, alias))).toBe('holds');
    expect(outcome(site(never('modbus: {fc: [5]}'), shut, alias))).toBe('holds');
  });

  test('means every unit of a line when unit 0 is written', () => {
    const to = (what: string, permission: string) =>
      site(`never: {from: office, to: line, ${what}}`, [permission]);
    expect(outcome(to('modbus: {units: [7]}', '{fc: [6], units: [0], address: 5}'))).toBe('broken');
    expect(outcome(to('modbus: {units: [7]}', '{fc: [3], units: [0], address: 5}'))).toBe('holds');
  });

  test('shows a request that the decision permits, by whom and in which line', () => {
    const model = site(never('modbus: {class: write, address: 4-9, value: {min: 3, max: 9}}'), [
      '{fc: [3], units: [1], address: 0-99}',
      '{fc: [16], units: [2], address: 0-5, value: {min: 2, max: 4}}',
    ]);
    expect(sentence(model)).toBe(
      'I-1 does not hold: pc (10.1.0.5) may send plc (10.3.0.5) on tcp/502 WRITE holding register 4 (40005) = 3, unit 2. It passes by C-1/F-1 (line 20), permission p/2 (line 18).',
    );
    expect(invariantFindings(model, Now)[0]?.hint).toContain(
      "'pc -> plc modbus unit=2 fc=16 address=4 value=3'",
    );
  });

  test('says why where it could not be proved, and never that it holds', () => {
    const model = site(never('modbus: {class: write, address: 1, value: {min: 9, max: 9}}'), [
      '{fc: [16], units: [1], address: 0-1, value: {type: u32, bits: 0-3, max: 3}}',
    ]);
    expect(sentence(model)).toMatch(
      /^I-1 could not be proved for C-1\/F-1 \(line 19\): what its value rules permit/,
    );
    expect(invariantFindings(model, Now)[0]).toMatchObject({
      code: 'T-603',
      severity: 'error',
      about: 'I-1',
    });
  });
});
