import type { DataType, MarkMap, Selector, Statement } from '../../../rules/nft/ruleset.ts';
import { is, markFrom } from '../../../rules/nft/statements.ts';
import { addressSpanField, portSpanField, type Span } from './block.ts';
import type { Family } from './keys.ts';
import { flowMap } from './part.ts';
import type { Plan, Way, ZonePair } from './plan.ts';

/** One way to find the flow of a packet between two zones: of a request, and of the answer to it. */
export interface LookUp {
  readonly map: MarkMap;
  readonly request: readonly Statement[];
  readonly answer: readonly Statement[];
}

/**
 * In the order they are tried. What is about one server, client and port stands in a map without ranges: the
 * kernel finds such an element in one step, and takes tens of thousands of them in at once, where a map with
 * ranges is slower the more ports one pair of hosts has. Last comes what no flow declares, where an audit stage
 * lets it pass; of ICMP only echo, as in the proof of what may pass.
 */
export function lookUpsOf(plan: Plan, pair: ZonePair, family: Family): readonly LookUp[] {
  const { saddr, daddr, icmpType } = family;
  const { exact, ranges, echo, undeclared } = mapsOf(plan, pair, family);
  const byEnds = (map: MarkMap, request: Statement, answer: Statement): LookUp => ({
    map,
    request: [request, markFrom([saddr, daddr], map.name)],
    answer: [answer, markFrom([daddr, saddr], map.name)],
  });
  const echoed = (map: MarkMap) => byEnds(map, is(icmpType, 'echo-request'), is(icmpType, 'echo-reply'));
  const ported = [exact, ranges].filter(({ elements }) => elements.length > 0);
  return [
    ...ported.map((map) => ({
      map,
      request: [markFrom([saddr, daddr, 'l4proto', 'th dport'] satisfies Selector[], map.name)],
      answer: [markFrom([daddr, saddr, 'l4proto', 'th sport'] satisfies Selector[], map.name)],
    })),
    ...(echo.elements.length > 0 ? [echoed(echo)] : []),
    ...(undeclared.elements.length > 0
      ? [
          ...(['tcp', 'udp'] as const).map((protocol) =>
            byEnds(undeclared, is('l4proto', protocol), is('l4proto', protocol)),
          ),
          echoed(undeclared),
        ]
      : []),
  ];
}

/** What an element says of a packet: the number of its flow, and to people the flow's id. */
export function numberOf({ flow }: Way): { readonly comment: string; readonly mark: number } {
  return { comment: flow.id, mark: flow.number };
}

function mapsOf(plan: Plan, { from, to, ways, echoes }: ZonePair, { number, suffix, address }: Family) {
  const here = (some: readonly Way[]) => some.filter(({ block }) => block.family === number);
  const field = (span: Span) => addressSpanField(number, span);
  const [single, wide] = [here(ways).filter(isSingle), here(ways).filter((way) => !isSingle(way))];
  const withPort = (way: Way) => ({
    key: [
      field(way.block.source),
      field(way.block.destination),
      way.flow.protocol,
      portSpanField(way.block.port),
    ],
    ...numberOf(way),
  });
  const withoutPort = (way: Way) => ({
    key: [field(way.block.source), field(way.block.destination)],
    ...numberOf(way),
  });
  const name = (what: string) => `${what}${suffix}/${from}/${to}`;
  const ported: readonly DataType[] = [address, address, 'inet_proto', 'inet_service'];
  const exact: MarkMap = { ...flowMap(name('flows'), ported, single.map(withPort)), flags: [] };
  return {
    exact,
    ranges: flowMap(name('ranges'), ported, wide.map(withPort)),
    echo: flowMap(name('echo'), [address, address], here(echoes).map(withoutPort)),
    undeclared: flowMap(name('undeclared'), [address, address], undeclaredElements(plan, from, to, number)),
  };
}

function isSingle({ block: { source, destination, port } }: Way): boolean {
  return [source, destination, port].every(({ first, last }) => first === last);
}

function undeclaredElements(
  { undeclared }: Plan,
  from: string,
  to: string,
  number: 4 | 6,
): MarkMap['elements'] {
  const [here] = undeclared
    .filter((traffic) => traffic.from === from && traffic.to === to)
    .sort((one, other) => other.until - one.until);
  if (here === undefined) return [];
  const field = (span: Span) => addressSpanField(number, span);
  const destinations = here.destinations.filter(({ family }) => family === number);
  return here.sources
    .filter(({ family }) => family === number)
    .flatMap((source) =>
      destinations.map((destination) => ({
        key: [field(source), field(destination)],
        comment: here.conduit,
        mark: here.number,
      })),
    );
}
