import { join } from 'node:path';
import { createSightings, type Sightings, type SightingsCollector } from '../../../policy/learn/sightings.ts';
import type { Config } from '../../config.ts';
import { GatewayError } from '../../errors.ts';
import { AuditedBody } from '../../ipc/snapshot.ts';
import { controlSocket } from '../../run/processes.ts';
import { askEngine } from '../engine-client.ts';
import type { AddressOf } from './address-of.ts';
import { addEvidence } from './gather-evidence.ts';

/**
 * What the gateway that runs here refuses or lets pass by an audit stage alone: requests as its engine keeps them
 * apart, packets as they are on record.
 * @throws GatewayError PST_ERR_ENGINE_GONE
 */
export async function gatherLive(config: Config, addressOf: AddressOf): Promise<Sightings> {
  const socket = controlSocket(config);
  const answer = await askEngine(socket, { kind: 'ask', id: 1, what: 'audited' }, AuditedBody);
  if (!answer.ok) throw new GatewayError('PST_ERR_ENGINE_GONE', `${socket}: ${answer.sentence}`);
  const collector = createSightings();
  for (const one of answer.body) addAudited(collector, one, addressOf);
  await addEvidence(join(config.state, 'evidence'), collector, addressOf, 'packets');
  return collector.sightings();
}

/** The first write carries the count, so that each of the others adds its values and nothing else. */
function addAudited(collector: SightingsCollector, one: AuditedBody[number], addressOf: AddressOf): void {
  const { flow, port, reason, unit, functionCode, subFunction, address, quantity } = one;
  const { count, firstAt, lastAt, writes } = one;
  const request = {
    flow,
    client: addressOf({ asset: one.clientAsset, address: one.client }),
    server: addressOf({ asset: one.serverAsset, address: one.server }),
    protocol: 'tcp',
    port,
    reason,
    unit,
    functionCode,
    subFunction,
    span: address < 0 ? undefined : { first: address, last: address + Math.max(1, quantity) - 1 },
    answer: 'unknown',
  } as const;
  const known = writes.length === 0 ? [[]] : [...writes, ...one.extremes];
  for (const [index, words] of known.entries()) {
    const isWhole = words.length === 0 || words.length >= quantity;
    const seen = { count: index === 0 ? count : 0, firstAt, lastAt };
    collector.request({ ...request, words: isWhole ? words : undefined }, seen);
  }
}
