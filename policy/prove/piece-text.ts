import type { AccessPiece } from './access.ts';
import { nameOfEnd, spansOfEnd } from './ends.ts';
import { countOf, type PacketBox, spanText } from './packet-box.ts';
import { type End, endsOf, type Permitter } from './permit.ts';
import type { RequestBox } from './requests/request-box.ts';
import { numbersText, requestTexts } from './requests/request-text.ts';
import { isSame, joined, meet, type Spans, without } from './sets/spans.ts';

/** One sentence about a piece, without a full stop, and the request boxes it tells of. */
export interface PieceText {
  readonly text: string;
  readonly boxes: readonly RequestBox[];
}

/**
 * A piece in the plant's words: `hmi-1 may write plc-dosing holding registers 100-119 (unit 1, function 6,
 * values 0-1000)`.
 */
export function pieceTexts(piece: AccessPiece): readonly PieceText[] {
  const { by, packets, requests } = piece;
  const { sources, destinations } = endsOf(by);
  const clients = endsText(sources, packets.source);
  const servers = endsText(destinations, packets.destination);
  if (requests === 'anything') {
    const isOwn = by.kind === 'service' || by.kind === 'egress';
    const text = anythingText(clients, servers, packets);
    return [{ text: isOwn || packets.protocol !== 'tcp' ? text : `${text}, uninspected`, boxes: [] }];
  }
  if (requests === 'any-request') {
    const port = numbersText(packets.port);
    return [{ text: `${clients} may send ${servers} any Modbus request (tcp ${port}, in audit)`, boxes: [] }];
  }
  return requestTexts(requests).map(({ verb, what, boxes }) => ({
    text: `${clients} may ${verb} ${verb === 'call' ? `${what} of ${servers}` : `${servers} ${what}`}`,
    boxes,
  }));
}

/** Ends by name where the addresses are all theirs, else the addresses. */
export function endsText(ends: readonly End[], addresses: Spans<bigint>): string {
  const names = ends.filter((end) => {
    const own = spansOfEnd(end);
    return own.length > 0 && isSame(meet(own, addresses), own);
  });
  const rest = without(addresses, joined(names.flatMap(spansOfEnd)));
  const parts = [...new Set(names.map(nameOfEnd)), ...restTexts(ends, rest)];
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** What is left of zones, and of assets with several addresses: a few stretches by themselves, many by their number. */
function restTexts(ends: readonly End[], rest: Spans<bigint>): readonly string[] {
  const holderOf = (span: Spans<bigint>[number]) =>
    ends.find((end) => meet(spansOfEnd(end), [span]).length > 0);
  return [...Map.groupBy(rest, holderOf)].map(([holder, spans]) => {
    const text =
      spans.length > MostStretches ? `${countOf(spans)} addresses` : spans.map(spanText).join(', ');
    return holder === undefined ? text : `${text} of ${nameOfEnd(holder)}`;
  });
}

function anythingText(clients: string, servers: string, { protocol, port }: PacketBox): string {
  if (protocol === 'icmp-echo') return `${clients} may ping ${servers}`;
  const ports = isSame(port, EveryPort) ? 'any port' : numbersText(port);
  return `${clients} may ${protocol === 'tcp' ? 'connect to' : 'send to'} ${servers} on ${protocol} ${ports}`;
}

/** `C-05/F-01`, or the vendor, service or egress by name. */
export function permitterText(by: Permitter): string {
  switch (by.kind) {
    case 'flow':
      return by.mode === undefined ? by.flow.id : `${by.flow.id} in mode ${by.mode.name}`;
    case 'undeclared':
      return `the audit stage of ${by.conduit.id}`;
    case 'vendor':
      return `the access of ${by.vendor.id}`;
    case 'service':
      return `the service ${by.service.name} of ${by.gateway.name}`;
    case 'egress':
      return `the egress ${by.egress.name} of ${by.gateway.name}`;
  }
}

const MostStretches = 3;
const EveryPort: Spans = [{ first: 1, end: 65_536 }];
