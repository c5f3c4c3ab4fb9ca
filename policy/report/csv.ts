import type { AuthorisedFlow } from './authorised-flows.ts';

/** The list of authorised flows as RFC 4180 text, for spreadsheets and other programs. */
export function flowsCsv(flows: readonly AuthorisedFlow[]): string {
  const rows = flows.map((flow) => [
    flow.id,
    flow.conduit,
    flow.fromZone,
    flow.from.join('; '),
    flow.toZone,
    flow.to.join('; '),
    flow.service,
    flow.profile,
    flow.says.join('; '),
    flow.when.join('; '),
    flow.limits.join('; '),
    flow.notes.join('; '),
    flow.owner,
    flow.ticket,
    flow.requirements.join('; '),
    flow.place,
    flow.gateways.join('; '),
  ]);
  return [Columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

const Columns = [
  'flow',
  'conduit',
  'from zone',
  'from',
  'to zone',
  'to',
  'service',
  'modbus profile',
  'what may be said',
  'when',
  'limits',
  'notes',
  'owner',
  'ticket',
  'supports SR',
  'line',
  'gateways',
];

/** Quoted, and never taken for a formula: a spreadsheet would run what begins like one. */
function field(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
