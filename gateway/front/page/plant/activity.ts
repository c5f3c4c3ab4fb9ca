import type { ConnectionsBody, RefusalsBody, StatusBody } from '../../../ipc/snapshot.ts';
import { element } from '../element.ts';
import type { ReasonSentences } from '../reasons.ts';
import {
  bytes,
  clientName,
  count,
  duration,
  refusalSentence,
  ruleName,
  serverName,
  timeOfDay,
} from '../words.ts';

/** Who is connected now, the longest first. */
export function connectionRows(connections: ConnectionsBody, now: number): readonly HTMLElement[] {
  return [...connections]
    .sort((one, other) => one.startedAt - other.startedAt)
    .slice(0, ShownRows)
    .map((connection) =>
      element(
        'tr',
        {},
        element(
          'th',
          { scope: 'row' },
          `${clientName(connection)} → ${serverName(connection)}`,
          element('small', {}, `${connection.client.address} → ${connection.server.address}`),
        ),
        element('td', { 'data-label': 'Flow' }, connection.flowId),
        element('td', { class: 'number', 'data-label': 'For' }, duration(now - connection.startedAt)),
        element('td', { class: 'number', 'data-label': 'Requests' }, count(connection.transactions)),
        element(
          'td',
          {
            class: 'number',
            'data-label': 'Refused',
            'data-tone': connection.refused > 0 ? 'attention' : undefined,
          },
          count(connection.refused),
        ),
      ),
    );
}

/** What was refused last, in the plant's words, the latest first. */
export function refusalItems(refusals: RefusalsBody, reasons: ReasonSentences): readonly HTMLElement[] {
  return refusals.slice(0, ShownRows).map((refusal) => {
    const audit = refusal.verdict === 'would-refuse';
    return element(
      'li',
      { class: 'refusal', 'data-verdict': refusal.verdict },
      element('time', { datetime: new Date(refusal.at).toISOString() }, timeOfDay(refusal.at)),
      element(
        'span',
        {},
        audit ? element('em', {}, 'Passed under audit. ') : undefined,
        refusalSentence(refusal, reasons),
        refusal.count > 1 ? element('b', { class: 'times' }, ` ×${count(refusal.count)}`) : undefined,
        element('small', {}, ruleName(refusal)),
        refusal.alternative === undefined ? undefined : element('small', {}, refusal.alternative),
      ),
    );
  });
}

/** The state of the evidence log and of the processes, as terms and values. */
export function vitalFacts({
  evidence,
  inspectors,
  nftChild,
  startedAt,
  now,
}: StatusBody): readonly HTMLElement[] {
  const carrying = inspectors.filter(({ spare }) => !spare).length;
  const spare = inspectors.length - carrying;
  const writing = evidence.failing === '' ? 'written' : `failing: ${evidence.failing}`;
  return [
    fact('Evidence', writing, evidence.failing === '' ? undefined : 'bad'),
    fact('Records', `${count(evidence.records)} in ${bytes(evidence.bytes)}`),
    fact('Lag', `${(evidence.lagMs / 1000).toFixed(1)} s`, evidence.lagMs > 5000 ? 'attention' : undefined),
    fact('Lost', count(evidence.lost), evidence.lost > 0 ? 'bad' : undefined),
    fact(
      'Inspectors',
      `${carrying} carrying, ${spare} spare`,
      carrying === 0 || spare === 0 ? 'attention' : undefined,
    ),
    fact('Kernel child', NftChild[nftChild], nftChild === 'down' ? 'attention' : undefined),
    fact('Running for', duration(now - startedAt)),
  ];
}

function fact(term: string, value: string, tone?: string): HTMLElement {
  return element('div', { 'data-tone': tone }, element('dt', {}, term), element('dd', {}, value));
}

const NftChild: Record<StatusBody['nftChild'], string> = { up: 'up', down: 'down', none: 'not used' };

/** More rows than anybody reads; the API and the evidence log have all. */
const ShownRows = 50;
