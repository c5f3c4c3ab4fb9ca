import { Reasons } from '../../rules/reason.ts';
import type { Asset, ZoneKind } from '../model/zone-model.ts';
import type { LearnOptions } from './propose.ts';
import type { SeenWay } from './sightings.ts';

/** Why no flow is proposed for this way; undefined where one may be. `isModbus`: its requests could be read. */
export function whyNotWay(
  { protocol, port, reason, answered, count }: SeenWay,
  client: Asset,
  server: Asset,
  isModbus: boolean,
  { minCount }: LearnOptions,
): string | undefined {
  const [from, to] = [client.zone.kind, server.zone.kind];
  if (client.decommissioned !== undefined || server.decommissioned !== undefined)
    return 'One of the two is taken out of use in the model.';
  if (Outside.includes(from) && Inside.includes(to))
    return 'A path from there has to end in the DMZ (62443-3-2 ZCR 3.2, 3.6).';
  if (Inside.includes(from) && to === 'external')
    return 'Nothing in a control or safety zone talks to the outside by itself (62443-3-3 SR 5.2).';
  if (to === 'safety' && !isModbus)
    return 'Into a safety zone nothing is proposed that is not inspected (62443-3-2 ZCR 3.3).';
  if (!Undeclared.includes(reason)) return Reasons[reason].sentence;
  if (protocol === 'tcp' && port === ModbusPort && !isModbus)
    return 'It uses the port of Modbus, and no request on it could be read.';
  if (protocol !== 'icmp-echo' && port >= FirstDynamicPort)
    return 'Systems give out ports of this range by themselves (RFC 6335): it may be another one tomorrow.';
  if (answered === 'no') return 'Nobody was seen to answer it, as with a scan.';
  if (!isModbus && count < minCount) return `It was seen ${count} times; ${minCount} are asked for.`;
  return undefined;
}

const Outside: readonly ZoneKind[] = ['enterprise', 'external'];
const Inside: readonly ZoneKind[] = ['control', 'safety'];

/** Refused because nobody has said anything about it; every other reason is somebody's decision. */
const Undeclared: readonly string[] = ['no-conduit', 'no-flow'];

const ModbusPort = 502;
const FirstDynamicPort = 49_152;
