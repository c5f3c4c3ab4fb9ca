/**
 * A site of fifty zones as text: two of offices, two DMZs, five of supervision, thirty-six cells in four
 * lines, four of safety and one from outside, as large plants look.
 */
export function largeSite(): string {
  const cells = Array.from({ length: 36 }, (_, index) => index + 1);
  const line = (cell: number) => Math.ceil(cell / 9);
  const zones = [
    zone('carrier', 'external', 0, 1, 1),
    zone('office', 'enterprise', 1, 1, 12),
    zone('planning', 'enterprise', 2, 1, 6),
    zone('idmz-data', 'dmz', 3, 2, 4),
    zone('idmz-access', 'dmz', 4, 2, 2),
    zone('control-room', 'control', 5, 2, 9),
    ...[1, 2, 3, 4].map((one) => zone(`scada-${one}`, 'control', 5 + one, 2, 5)),
    ...cells.map((cell) =>
      zone(`cell-${cell}`, 'control', 20 + cell, cell % 7 === 0 ? 3 : 2, 3 + (cell % 9)),
    ),
    ...[1, 2, 3, 4].map((one) => zone(`sis-${one}`, 'safety', 80 + one, 3, 2)),
  ];
  const conduits: [string, string, string][] = [
    ['office', 'idmz-data', ''],
    ['planning', 'idmz-data', ''],
    ['idmz-data', 'office', ''],
    ['carrier', 'idmz-access', ''],
    [
      'idmz-access',
      'control-room',
      'temporary: {opened: 2026-11-01, expires: 2026-12-01T00:00:00Z, approver: "works manager"}',
    ],
    ['control-room', 'idmz-data', ''],
    ...[1, 2, 3, 4].flatMap((one): [string, string, string][] => [
      ['control-room', `scada-${one}`, ''],
      [`scada-${one}`, `sis-${one}`, ''],
    ]),
    ...cells.map((cell): [string, string, string] => [`scada-${line(cell)}`, `cell-${cell}`, '']),
    ...cells
      .filter((cell) => cell % 4 === 0)
      .map((cell): [string, string, string] => [`cell-${cell}`, `scada-${line(cell)}`, 'one_way: true']),
    ...[3, 12, 21, 30].map((cell): [string, string, string] => [`cell-${cell}`, `cell-${cell + 1}`, '']),
  ];
  return `apiVersion: penstock/v1
kind: ZoneModel
metadata: {site: long-works, suc: "Rolling mill, four lines", owner: works@long.example, reviewed: 2026-06-01, policy_version: 7}
gateways:
  cgw-01:
    interfaces:
${zones.map(({ id, number }) => `      v${number}: {vlan: ${100 + number}, on: eth0, zone: ${id}, address: 10.${number}.0.1/24}`).join('\n')}
zones:
${zones.map(({ text }) => text).join('')}
conduits:
${conduits.map(([from, to, extra], index) => conduit(index + 1, from, to, extra)).join('')}`;
}

interface ZoneText {
  readonly id: string;
  readonly number: number;
  readonly text: string;
}

function zone(id: string, kind: string, number: number, level: number, assets: number): ZoneText {
  const types =
    kind === 'safety' ? ['safety-controller'] : kind === 'control' ? ['plc', 'drive', 'hmi'] : ['server'];
  const rows = Array.from({ length: assets }, (_, index) => {
    const type = types[index % types.length] ?? 'server';
    const critical = kind === 'safety' || (index === 0 && level === 3) ? 'critical' : 'medium';
    return `      ${id}-a${index + 1}: {ip: 10.${number}.0.${10 + index}, type: ${type}, criticality: ${critical}}\n`;
  });
  const text = `  ${id}:\n    kind: ${kind}\n    networks: [10.${number}.0.0/24]\n    sl_t: {level: ${level}, rationale: "as the line needs"}\n    assets:\n${rows.join('')}`;
  return { id, number, text };
}

function conduit(index: number, from: string, to: string, extra: string): string {
  const id = `C-${String(index).padStart(2, '0')}`;
  const oneWay = extra.startsWith('one_way');
  return `  ${id}:
    name: ${from} to ${to}
    from: ${from}
    to: ${to}
    sl_t: {level: 2, rationale: "higher of both"}
    purpose: "what the line needs"
    ticket: W-${index}
${extra === '' ? '' : `    ${extra}\n`}    flows:
      F-01: {src: ${from}-a1, dst: ${to}-a1, proto: ${oneWay ? 'udp, port: 514' : 'tcp, port: 4840'}}
`;
}
