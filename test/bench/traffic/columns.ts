import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mustRunIn, startIn } from '../../plant/namespaces/exec.ts';
import { startGateway } from '../../plant/namespaces/gateway.ts';
import { makeSite, writeGatewayConfig } from '../../plant/namespaces/site.ts';
import { compileBeforehand } from '../compiled.ts';
import { startHaproxy } from './haproxy.ts';
import type { Lane } from './lane.ts';
import { BoxAddresses, GatewayName, Servers, trafficModel } from './model.ts';

/** One thing that is measured: what stands on the box. */
export interface Column {
  readonly name: string;
  /** Whether it is this gateway; only that refuses anything. */
  readonly ours: boolean;
  /** Servers as the client calls them, where those are not the servers' own addresses. */
  readonly servers?: readonly string[];
  /** Brings it to life on a lane. It may still need a moment until something passes. */
  readonly start: (lane: Lane) => Promise<void>;
}

/** Plain kernel forwarding, no table at all. */
export const Forward: Column = {
  name: 'forward',
  ours: false,
  start: async ({ box }) => void (await mustRunIn(box, 'sysctl', '-qw', 'net.ipv4.ip_forward=1')),
};

export function haproxy(threads = 1): Column {
  return {
    name: threads === 1 ? 'haproxy' : `haproxy-${threads}-threads`,
    ours: false,
    start: (lane) => startHaproxy(lane, threads),
  };
}

/**
 * This gateway with more lines of `gateway.yaml`, `penstock run` and all its processes, evidence on disk; as an
 * installation starts it, with its code compiled beforehand.
 */
export function penstock(
  name: string,
  config: readonly string[] = [],
  model: string = trafficModel(),
): Column {
  return {
    name,
    ours: true,
    start: async (lane) => {
      const file = join(lane.folder, 'traffic.zones.yaml');
      writeFileSync(file, model);
      const site = await makeSite(lane.folder, file, GatewayName);
      const settings = writeGatewayConfig(site, config);
      await startGateway(lane.box, settings, [...lane.under, ...(await compileBeforehand(settings))]);
    },
  };
}

/** This gateway with so many more rules that nobody uses. */
export function penstockWith(rules: number): Column {
  return penstock(`${rules}-rules`, [], trafficModel(rules));
}

/**
 * Any other command, run on the box as the gateway is. It has to listen on PENSTOCK_BENCH_LISTEN, the box's address on
 * the client's wire, and to carry what comes to PENSTOCK_BENCH_SERVER.
 */
export function peer(command: string): Column {
  const [here = ''] = BoxAddresses;
  return {
    name: 'peer',
    ours: false,
    servers: [here],
    start: async (lane) => {
      const where = [`PENSTOCK_BENCH_LISTEN=${here}:502`, `PENSTOCK_BENCH_SERVER=${Servers[0]}:502`];
      const running = startIn(lane.box, ['env', ...where, ...lane.under, 'sh', '-c', command]);
      const ended = await Promise.race([running.ended, delay(PeerStarts, undefined)]);
      if (ended !== undefined) throw new Error(`the peer ended with ${ended.status}: ${running.output()}`);
    },
  };
}

/** Milliseconds after which a command that has not ended is taken to have started. */
const PeerStarts = 500;
