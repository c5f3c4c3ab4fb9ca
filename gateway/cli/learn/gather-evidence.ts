import { createSightings, type Sightings, type SightingsCollector } from '../../../policy/learn/sightings.ts';
import { type Reason, Reasons } from '../../../rules/reason.ts';
import type { DropRecord, RefusalRecord } from '../../../rules/record/record.ts';
import { readLog } from '../../evidence/read-log.ts';
import type { AddressOf } from './address-of.ts';

/** Reads an evidence directory, also while the gateway writes it. Fails with the system's own errors. */
export async function gatherEvidence(directory: string, addressOf: AddressOf): Promise<Sightings> {
  const collector = createSightings();
  await addEvidence(directory, collector, addressOf, 'all');
  return collector.sightings();
}

/** The same into a collector, or of it the packets alone. */
export async function addEvidence(
  directory: string,
  collector: SightingsCollector,
  addressOf: AddressOf,
  what: 'all' | 'packets',
): Promise<void> {
  for await (const entry of readLog(directory)) {
    if (entry.kind !== 'record') continue;
    if (entry.record.kind === 'refusal' && what === 'all') addRefusal(collector, entry.record, addressOf);
    if (entry.record.kind === 'drop') addDrop(collector, entry.record, addressOf);
  }
}

/**
 * A record counts many refusals and tells the first of them in full: of a write it proves those values alone, of
 * several addresses that one alone. What it leaves open is not counted, so it can only make a proposal narrower.
 */
function addRefusal(collector: SightingsCollector, record: RefusalRecord, addressOf: AddressOf): void {
  const { request, reason, client, server, flow, count, firstAt, lastAt, foldedKinds } = record;
  if (request === undefined || foldedKinds > 0 || !isReason(reason) || server.address === '') return;
  const { unit, functionCode, subFunction = -1, address, quantity = 1, values } = request;
  const isWrite = values.length > 0;
  const isOneAddress = record.lowestAddress === record.highestAddress;
  const ends = {
    client: addressOf(client),
    server: addressOf(server),
    protocol: 'tcp',
    port: server.port,
  } as const;
  collector.request(
    {
      ...ends,
      flow,
      reason,
      unit,
      functionCode,
      subFunction,
      span: address === undefined ? undefined : { first: address, last: address + quantity - 1 },
      words: isWrite && values.length < quantity ? undefined : values,
      answer: 'unknown',
    },
    isOneAddress && !isWrite ? { count, firstAt, lastAt } : { count: 1, firstAt, lastAt: firstAt },
  );
}

function addDrop(collector: SightingsCollector, record: DropRecord, addressOf: AddressOf): void {
  const { source, destination, protocol, reason, packets, firstAt, lastAt, foldedKinds } = record;
  if (foldedKinds > 0 || !isReason(reason) || destination.address === '') return;
  const name = protocol === 'icmp' || protocol === 'icmpv6' ? 'icmp-echo' : protocol;
  if (name !== 'tcp' && name !== 'udp' && name !== 'icmp-echo') return;
  const port = name === 'icmp-echo' ? 0 : destination.port;
  // Packets to several ports, counted together.
  if (name !== 'icmp-echo' && port === 0) return;
  collector.way(
    {
      client: addressOf(source),
      server: addressOf(destination),
      protocol: name,
      port,
      reason,
      answered: 'unknown',
    },
    { count: packets, firstAt, lastAt },
  );
}

/** A log may be of a release that knows other reasons. */
function isReason(text: string): text is Reason {
  return Object.hasOwn(Reasons, text);
}
