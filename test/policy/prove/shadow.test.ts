import { describe, expect, test } from 'vitest';
import type { ZoneModel } from '../../../policy/model/zone-model.ts';
import { overlaps, shadowedFlows, shadowedPermissions } from '../../../policy/prove/shadow.ts';
import { example, Now, plant } from './plants.ts';

const Zones = [
  'zones:',
  '  office: {kind: enterprise, networks: [10.1.0.0/24], sl_t: {level: 1, rationale: r}, assets: {pc: {ip: 10.1.0.5, criticality: low}, pad: {ip: 10.1.0.6, criticality: low}}}',
  '  cell: {kind: control, networks: [10.2.0.0/24], sl_t: {level: 2, rationale: r}, assets: {plc: {ip: 10.2.0.5, criticality: low}, hmi: {ip: 10.2.0.6, criticality: low}}}',
];

/** A model with these flows between two zones, each in a conduit of its own that says `more`. */
function site(
  flows: readonly (readonly [string, string?])[],
  allow: readonly string[] = ['{fc: [3], units: [1], address: 0-9}'],
  modes: readonly string[] = [],
): ZoneModel {
  return plant(
    ['office', 'cell'],
    [
      ...Zones,
      'modbus_profiles:',
      '  p:',
      '    allow:',
      ...allow.map((each) => `      - ${each}`),
      'conduits:',
      ...flows.map(
        ([flow, more = ''], at) =>
          `  C-${at + 1}: {from: office, to: cell, sl_t: {level: 2, rationale: r}, purpose: p, ticket: t${more}, flows: {F-1: {${flow}}}}`,
      ),
      ...modes,
    ].join('\n'),
  );
}

function shadowed(model: ZoneModel): readonly string[] {
  return shadowedFlows(model, Now).map(
    ({ flow, by }) => `${flow.id} by ${by.map(({ id }) => id).join(', ')}`,
  );
}

const Schedule = ', schedule: {days: [mon], hours: "07:00-16:00", tz: Europe/Stockholm}';

describe('a flow is shadowed', () => {
  test.for([
    [
      'by the same once more, which is the later one',
      [['src: pc, dst: plc, proto: tcp, port: 80'], ['src: pc, dst: plc, proto: tcp, port: 80']],
      ['C-2/F-1 by C-1/F-1'],
    ],
    [
      'by a wider one before or behind it',
      [['src: pc, dst: plc, proto: tcp, port: 80'], ['src: office, dst: cell, proto: tcp, port: 1-99']],
      ['C-1/F-1 by C-2/F-1'],
    ],
    [
      'by two that only together are as wide',
      [
        ['src: [pc, pad], dst: plc, proto: tcp, port: 80'],
        ['src: pc, dst: cell, proto: tcp, port: 80'],
        ['src: pad, dst: cell, proto: tcp, port: [70, 80]'],
      ],
      ['C-1/F-1 by C-2/F-1, C-3/F-1'],
    ],
    [
      'by ports that touch',
      [
        ['src: pc, dst: plc, proto: tcp, port: 80-99'],
        ['src: pc, dst: plc, proto: tcp, port: 80-89'],
        ['src: pc, dst: plc, proto: tcp, port: 90-99'],
      ],
      ['C-2/F-1 by C-1/F-1', 'C-3/F-1 by C-1/F-1'],
    ],
    [
      'when it has hours and the other has none',
      [['src: pc, dst: plc, proto: tcp, port: 80', Schedule], ['src: pc, dst: plc, proto: tcp, port: 80']],
      ['C-1/F-1 by C-2/F-1'],
    ],
  ] as const)('%s', ([, flows, expected]) => {
    expect(shadowed(site(flows))).toEqual(expected);
  });

  test.for([
    [
      'it reaches one address more',
      [['src: pc, dst: [plc, hmi], proto: tcp, port: 80'], ['src: office, dst: plc, proto: tcp, port: 80']],
    ],
    [
      'it is another protocol',
      [['src: pc, dst: plc, proto: udp, port: 80'], ['src: pc, dst: plc, proto: tcp, port: 80']],
    ],
    [
      'the other has hours',
      [
        ['src: pc, dst: plc, proto: tcp, port: 80'],
        ['src: office, dst: plc, proto: tcp, port: 80', Schedule],
      ],
    ],
    [
      'the other has ended',
      [
        ['src: pc, dst: plc, proto: tcp, port: 80'],
        [
          'src: pc, dst: plc, proto: tcp, port: 80',
          ', temporary: {opened: 2026-01-01, expires: 2026-02-01T00:00:00Z, approver: x}',
        ],
      ],
    ],
    [
      'it is inspected and the other is not',
      [['src: pc, dst: plc, proto: tcp, port: 502, modbus: p'], ['src: pc, dst: plc, proto: tcp, port: 502']],
    ],
    [
      'the other is limited',
      [
        ['src: pc, dst: plc, proto: tcp, port: 80'],
        ['src: office, dst: plc, proto: tcp, port: 80, limits: {packets_per_second: 5}'],
      ],
    ],
  ] as const)('not when %s', ([, flows]) => {
    expect(shadowed(site(flows))).toEqual([]);
  });

  test('not when a mode keeps it alone', () => {
    const flows = [
      ['src: pc, dst: plc, proto: tcp, port: 80'],
      ['src: office, dst: plc, proto: tcp, port: 80'],
    ] as const;
    expect(shadowed(site(flows, undefined, ['modes:', '  night: {keep: [C-2]}']))).toEqual([
      'C-1/F-1 by C-2/F-1',
    ]);
    expect(shadowed(site(flows, undefined, ['modes:', '  night: {keep: [C-1]}']))).toEqual([]);
  });
});

describe('a permission is shadowed', () => {
  const of = (...allow: readonly string[]) =>
    shadowedPermissions(site([['src: pc, dst: plc, proto: tcp, port: 502, modbus: p']], allow)).map(
      ({ permission, by }) => `${permission.id} by ${by.map(({ id }) => id).join(', ')}`,
    );

  test.for([
    [
      'by a wider one',
      [
        '{fc: [6], units: [1], address: 5, value: {max: 9}}',
        '{fc: [6, 16], units: [1, 2], address: 0-9, value: {max: 10}}',
      ],
      ['p/1 by p/2'],
    ],
    [
      'by two for units and functions',
      [
        '{fc: [3, 4], units: [1, 2], address: 5}',
        '{fc: [3], units: [1, 2], address: 0-9}',
        '{fc: [4], units: [1, 2], address: 5-9}',
      ],
      ['p/1 by p/2, p/3'],
    ],
    [
      'for single values by two that touch',
      [
        '{fc: [6], units: [1], address: 5, value: {max: 9}}',
        '{fc: [6], units: [1], address: 5, value: {max: 4}}',
        '{fc: [6], units: [1], address: 5, value: {min: 5, max: 99}}',
      ],
      ['p/2 by p/1'],
    ],
    [
      'with the limits of the other',
      ['{fc: [6], units: [1], address: 5, max_step: 5}', '{fc: [6], units: [1], address: 0-9, max_step: 5}'],
      ['p/1 by p/2'],
    ],
    [
      'without a word it could pass',
      ['{fc: [22], units: [1], address: 4-5, value: {type: f32, max: 9}}'],
      ['p/1 by '],
    ],
  ] as const)('%s', ([, allow, expected]) => {
    expect(of(...allow)).toEqual(expected);
  });

  test.for([
    [
      'only across two ranges that touch',
      [
        '{fc: [3], units: [1], address: 0-9}',
        '{fc: [3], units: [1], address: 0-4}',
        '{fc: [3], units: [1], address: 5-9}',
      ],
      ['p/2 by p/1', 'p/3 by p/1'],
    ],
    [
      'only where the other has other limits',
      ['{fc: [6], units: [1], address: 5}', '{fc: [6], units: [1], address: 0-9, max_step: 5}'],
      [],
    ],
    [
      'only in smaller requests',
      ['{fc: [3], units: [1], address: 0-9}', '{fc: [3], units: [1], address: 0-9, quantity: {max: 4}}'],
      ['p/2 by p/1'],
    ],
    [
      'for several values by two that only together hold them',
      [
        '{fc: [16], units: [1], address: 5-6, value: {max: 9}}',
        '{fc: [16], units: [1], address: 5-6, value: {max: 4}}',
        '{fc: [16], units: [1], address: 5-6, value: {min: 5, max: 9}}',
      ],
      ['p/2 by p/1', 'p/3 by p/1'],
    ],
  ] as const)('not %s', ([, allow, expected]) => {
    expect(of(...allow)).toEqual(expected);
  });
});

describe('flows overlap', () => {
  test('where they share packets, in the order of the file', () => {
    const model = site([
      ['src: pc, dst: plc, proto: tcp, port: 80-90'],
      ['src: pad, dst: plc, proto: tcp, port: 80'],
      ['src: office, dst: cell, proto: tcp, port: 90-99'],
    ]);
    expect(overlaps(model, Now).map(({ one, other }) => `${one.id} ${other.id}`)).toEqual([
      'C-1/F-1 C-3/F-1',
    ]);
  });

  test('not in the shipped examples, where nothing is shadowed either', () => {
    for (const model of [example('waterworks'), example('flat-network')]) {
      expect(overlaps(model, Now)).toEqual([]);
      expect([...shadowedFlows(model, Now), ...shadowedPermissions(model)]).toEqual([]);
    }
  });
});
