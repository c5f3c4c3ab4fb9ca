import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRunIn, type Running, run, runIn, startIn } from '../../plant/namespaces/exec.ts';
import { makeSite, PenstockCommand, type Site, writeGatewayConfig } from '../../plant/namespaces/site.ts';
import { compileBeforehand } from '../compiled.ts';
import type { Lane } from '../traffic/lane.ts';
import { GatewayName, Servers, Sources, trafficModel } from '../traffic/model.ts';

/** One start of all processes, milliseconds from the start of the first. */
export interface Boot {
  /** The engine's own process is there: what came before is the supervisor. */
  readonly engine: number;
  /** First answer to a packet the kernel permits by itself. */
  readonly plain: number;
  /** First answer through the inspection. */
  readonly inspected: number;
}

/** What of a start is what, each measured by itself and for the first time in a process. Milliseconds. */
export interface BootParts {
  /** Node and the modules of the engine, until its first own line. */
  readonly node: number;
  /** Signature, decoding and re-encoding of the bundle. */
  readonly verify: number;
  /** Dry run, table and read-back. */
  readonly apply: number;
}

/** A gateway that can be started. */
export interface Prepared {
  readonly site: Site;
  readonly config: string;
  /** Words before its command. */
  readonly under: readonly string[];
}

/** A gateway of so many flows on a lane, which has confirmed its policy and is stopped. */
export async function prepareBoot(lane: Lane, flows: number): Promise<Prepared> {
  const file = join(lane.folder, 'life.zones.yaml');
  // Two rules to a flow, and two flows beside: the measured one, and one the kernel carries.
  const echo = '      F-echo: {src: client0, dst: server0, proto: icmp-echo}';
  writeFileSync(file, `${trafficModel(2 * (flows - 2))}${echo}\n`);
  const site = await makeSite(lane.folder, file, GatewayName);
  const config = writeGatewayConfig(site);
  const prepared = { site, config, under: [...lane.under, ...(await compileBeforehand(config))] };
  await (await startPassing(lane, prepared)).stop();
  return prepared;
}

/** Starts a gateway and waits until something passes through its inspection. */
export async function startPassing(lane: Lane, prepared: Prepared): Promise<Running> {
  const supervisor = startAll(lane, prepared);
  const prober = lane.onClient([process.execPath, Prober, Servers[0] ?? '', '502']);
  try {
    await prober.says(/^inspected /m, Patience);
  } catch {
    await supervisor.stop();
    throw new Error(`nothing passes; the gateway says:\n${supervisor.output()}`);
  } finally {
    await prober.stop();
  }
  return supervisor;
}

/** Starts everything as a boot does, on a box that holds nothing but the boot-time drop. */
export async function measureBoot(lane: Lane, prepared: Prepared): Promise<Boot> {
  await closed(lane.box);
  const prober = lane.onClient([process.execPath, Prober, Servers[0] ?? '', '502']);
  const ping = lane.onClient(['ping', '-D', '-i', '0.01', '-I', Sources[0] ?? '', Servers[0] ?? '']);
  let supervisor: Running | undefined;
  try {
    // Both are asking by now, and are not answered.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (/bytes from/.test(ping.output())) throw new Error('the box passes packets before its gateway starts');
    const began = Date.now();
    supervisor = startAll(lane, prepared);
    const [, inspected = ''] = await prober.says(/^inspected (\d+)$/m, Patience);
    const [, plain = ''] = await ping.says(/^\[([\d.]+)\] \d+ bytes from/m, Patience);
    return {
      engine: startOf(supervisor.output()) - began,
      plain: Number(plain) * 1000 - began,
      inspected: Number(inspected) - began,
    };
  } finally {
    await Promise.all([prober.stop(), ping.stop(), supervisor?.stop()]);
  }
}

export async function measureParts(lane: Lane, { site, under }: Prepared): Promise<BootParts> {
  await closed(lane.box);
  const engine = fileURLToPath(new URL('../../../gateway/engine/main.ts', import.meta.url));
  const began = performance.now();
  // An option that nobody knows ends it when everything is loaded.
  await runIn(lane.box, [...under, process.execPath, engine, '--nothing']);
  const node = performance.now() - began;
  const { bundle, publicKey, policy, gateway } = site;
  const parts = fileURLToPath(new URL('parts.ts', import.meta.url));
  const words = [...lane.under, process.execPath, parts, bundle, publicKey, policy.site, gateway];
  const said = await mustRunIn(lane.box, ...words);
  const { verify, apply } = JSON.parse(said.trim().split('\n').at(-1) ?? '{}') as Omit<BootParts, 'node'>;
  return { node, verify, apply };
}

function startAll({ box }: Lane, { config, under }: Prepared): Running {
  return startIn(box, [...under, ...PenstockCommand, 'run', '--config', config]);
}

/** As after hardware/os/penstock-boot-drop.service, with forwarding still shut. */
async function closed(box: string): Promise<void> {
  await mustRunIn(box, 'nft', 'flush', 'ruleset');
  await mustRunIn(box, 'nft', '-f', BootDrop);
  await mustRunIn(box, 'sysctl', '-qw', 'net.ipv4.ip_forward=0');
  await run(['sync']);
}

/** When the supervisor said that the engine was started, milliseconds since the Unix epoch. */
function startOf(output: string): number {
  const line = output
    .split('\n')
    .find((one) => one.includes('"process":"engine"') && one.includes('"started"'));
  const found = line === undefined ? undefined : /"time":"?([^",]+)"?/.exec(line)?.[1];
  if (found === undefined) return Number.NaN;
  return /^\d+$/.test(found) ? Number(found) : Date.parse(found);
}

/** Milliseconds, also on a machine that does much else. */
const Patience = 240_000;

const Prober = fileURLToPath(new URL('prober.ts', import.meta.url));
const BootDrop = fileURLToPath(new URL('../../../hardware/os/boot-drop.nft', import.meta.url));
