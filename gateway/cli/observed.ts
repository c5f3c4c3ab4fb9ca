import type { Observation, UseCount } from '../../rules/observation.ts';
import { formatTime } from '../../rules/time.ts';
import { readConfig } from '../config.ts';
import { ObservationBody } from '../ipc/snapshot.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import { ExitStatus } from './output.ts';
import { formatTable } from './table.ts';

/**
 * `penstock observed`: how often each flow and Modbus permission of the running gateway was used, and since when.
 * Its JSON is what `check --observed` reads.
 */
export async function observed(options: {
  readonly config: string;
  readonly json?: boolean;
}): Promise<number> {
  const socket = controlSocket(readConfig(options.config));
  const answer = await askEngine(socket, { kind: 'ask', id: 1, what: 'observation' }, ObservationBody);
  if (!answer.ok) {
    explainNoAnswer(answer);
    return ExitStatus.refused;
  }
  console.log(
    options.json === true ? JSON.stringify(answer.body, null, 2) : describeObservation(answer.body),
  );
  return ExitStatus.good;
}

/** The observation for a terminal: over what time, then what was used, then who came that nobody modelled. */
export function describeObservation(observation: Observation): string {
  const { site, gateway, since, until, blind, flows, permissions, vendors, strangers } = observation;
  const head = `${site} ${gateway}, observed ${formatTime(since)} to ${formatTime(until)}: ${span(until - since - blind)} of ${span(until - since)}`;
  const parts = [
    uses('flows', 'packets or requests', flows, until),
    uses('Modbus permissions', 'requests', permissions, until),
    uses('vendor access', 'sessions', vendors, until),
    strangers.length === 0
      ? 'no source address that no asset has'
      : `source addresses that no asset has\n${formatTable([
          ['', 'address', 'zone', 'packets', 'first', 'last'],
          ...strangers.map((one) => [
            '',
            one.address,
            one.zone === '' ? '-' : one.zone,
            String(one.packets),
            formatTime(one.first),
            formatTime(one.last),
          ]),
        ])}`,
  ];
  return [head, ...parts.filter((part) => part !== '')].join('\n\n');
}

function uses(title: string, what: string, counts: readonly UseCount[], until: number): string {
  if (counts.length === 0) return '';
  const rows = counts.map(({ id, since, hits, last }) => [
    '',
    id,
    String(hits),
    last === 0 ? `never in ${span(until - since)}` : formatTime(last),
    formatTime(since),
  ]);
  return `${title}\n${formatTable([['', 'id', what, 'last', 'counted since'], ...rows])}`;
}

function span(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
