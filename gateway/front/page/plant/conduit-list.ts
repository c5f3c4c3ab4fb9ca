import type { ConduitBody, ConduitsBody, FlowBody } from '../../../ipc/snapshot.ts';
import { element } from '../element.ts';
import { bytes, count } from '../words.ts';

/** Conduits as cards: from which zone to which, and each flow with its state and what passes. */
export function conduitList(conduits: ConduitsBody, rates: FlowRates): readonly HTMLElement[] {
  return conduits.map((conduit) => conduitCard(conduit, rates));
}

/** Requests per second by flow id, between the last two looks. */
export type FlowRates = ReadonlyMap<string, number>;

export function flowRates(before: ConduitsBody, now: ConduitsBody, seconds: number): FlowRates {
  const former = new Map(before.flatMap(({ flows }) => flows.map((flow) => [flow.id, flow.transactions])));
  return new Map(
    now.flatMap(({ flows }) =>
      flows.map((flow) => {
        const passed = flow.transactions - (former.get(flow.id) ?? flow.transactions);
        return [flow.id, seconds > 0 ? Math.max(0, passed / seconds) : 0] as const;
      }),
    ),
  );
}

function conduitCard({ id, name, from, to, oneWay, flows }: ConduitBody, rates: FlowRates): HTMLElement {
  return element(
    'article',
    { class: 'conduit', id: `conduit-${id}`, 'data-key': id, 'aria-label': `Conduit ${id}, ${name}` },
    element(
      'header',
      {},
      element('span', { class: 'zone' }, from),
      element(
        'span',
        { class: 'arrow', role: 'img', 'aria-label': oneWay ? 'one way to' : 'to' },
        oneWay ? '⇥' : '→',
      ),
      element('span', { class: 'zone' }, to),
      element('h3', {}, `${id} ${name}`),
    ),
    element('ul', { class: 'flows' }, ...flows.map((flow) => flowRow(flow, rates.get(flow.id) ?? 0))),
  );
}

function flowRow(flow: FlowBody, rate: number): HTMLElement {
  const { id, sources, destinations, protocol, ports, profile } = flow;
  const service = [protocol === 'icmp-echo' ? 'ICMP echo' : protocol.toUpperCase(), ports].join(' ').trim();
  const state = flowState(flow);
  return element(
    'li',
    { class: 'flow', 'data-state': state.kind },
    element('span', { class: 'pill' }, state.word),
    element(
      'span',
      { class: 'who' },
      `${sources.join(', ')} → ${destinations.join(', ')}`,
      element('small', {}, [id.replace(/^.*\//, ''), service, profile].filter(Boolean).join(' · ')),
    ),
    element('span', { class: 'figures' }, ...figures(flow, rate)),
  );
}

function flowState({ gated, open, inspected, connectionsOpen }: FlowBody): { kind: string; word: string } {
  if (!open) return { kind: 'shut', word: 'shut' };
  if (inspected && connectionsOpen > 0) return { kind: 'busy', word: 'in use' };
  return gated ? { kind: 'gated', word: 'open now' } : { kind: 'open', word: 'open' };
}

function figures(flow: FlowBody, rate: number): readonly HTMLElement[] {
  if (!flow.inspected) {
    return [figure(count(flow.packets), 'packets'), figure(bytes(flow.bytes), 'passed')];
  }
  const refused = figure(count(flow.refused), 'refused', flow.refused > 0 ? 'attention' : undefined);
  const audit =
    flow.wouldRefuse === 0 ? [] : [figure(count(flow.wouldRefuse), 'passed under audit', 'attention')];
  const speed = rate === 0 ? '0' : rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1);
  return [figure(speed, 'requests/s'), figure(count(flow.transactions), 'requests'), refused, ...audit];
}

function figure(value: string, unit: string, tone?: string): HTMLElement {
  return element('span', { class: 'figure', 'data-tone': tone }, element('b', {}, value), ` ${unit}`);
}
