import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRunIn, type Running } from '../../plant/namespaces/exec.ts';
import { penstock } from '../../plant/namespaces/site.ts';
import { adu, type Bench, BenchGateway, client, openBench } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { openRawEnd, type RawEnd } from './raw-end.ts';
import { startTap, type Tap } from './tap.ts';

/** One gateway between a client that attacks, a client that only works, and a server that writes all down. */
export interface Arena {
  readonly bench: Bench;
  /** The server on plc-1, honest until told otherwise, and the one on plc-3, towards which limits are narrow. */
  readonly server: Running;
  readonly narrowServer: Running;
  /** A connection of scada-1 made by hand; `opened: false` leaves the handshake to the test. */
  readonly attacker: (options?: { readonly opened?: boolean; readonly target?: string }) => Promise<RawEnd>;
  /** A server made by hand: what comes to port 502 of plc-2. One at a time. */
  readonly rawServer: () => Promise<RawEnd>;
  /** An ordinary connection of an asset; lines of hex go in, `got HEX` comes out. */
  readonly session: (asset?: 'scada-1' | 'hmi-1', target?: string) => Promise<Session>;
  /**
   * Two transactions of hmi-1 on a connection of its own, through the same inspector: permitted traffic goes
   * on, and what was sent before has had its chance to come out.
   */
  readonly neighbourLives: () => Promise<void>;
  /** A request of hmi-1 has gone out to a server that keeps its answers: what was sent before had its chance. */
  readonly neighbourWaits: () => Promise<void>;
  /**
   * Unit and PDU, in hex, of everything that came out towards the server for a port of scada-1, read from
   * the packets; throws where it is anything but whole canonical ADUs.
   */
  readonly arrived: (port: number, asset?: string) => readonly string[];
  /** Whether the server ever saw a connection from this port. */
  readonly reached: (port: number, asset?: string) => boolean;
  /** The record of a connection that has ended. */
  readonly recordOf: (port: number) => Promise<Entry>;
  /** Waits for a refusal of this kind in the evidence. */
  readonly refusal: (matches: (entry: Entry) => boolean) => Promise<Entry>;
  readonly close: () => Promise<void>;
}

/** An ordinary connection. */
export interface Session {
  readonly port: number;
  readonly send: (...adus: readonly string[]) => void;
  /** Waits for an answer; the whole of what came so far is one text of hex. */
  readonly gets: (hex: RegExp) => Promise<void>;
  readonly received: () => string;
  readonly ended: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** A record of the evidence, as `evidence show --json` prints it. */
export type Entry = Readonly<Record<string, unknown>> & {
  readonly client?: { readonly port?: number };
  readonly request?: Readonly<Record<string, unknown>>;
};

/** The model all of this is tried under. */
export const EvasionsModel = fileURLToPath(new URL('evasions.zones.yaml', import.meta.url));
const Server = fileURLToPath(new URL('../attacks/hostile-server.ts', import.meta.url));

export async function openArena(model = EvasionsModel): Promise<Arena> {
  const bench = await openBench(model, BenchGateway);
  const { network } = bench;
  const target = (asset: string) => `${network.address(asset)}:502`;
  const attackerAddress = network.address('scada-1');
  const server = await serverOn('plc-1');
  const narrowServer = await serverOn('plc-3');
  const tap: Tap = await startTap(network, 'proc0');
  // Whoever answers a segment by hand asks for no neighbour, so the kernel has to know the way before.
  await mustRunIn(network.of('hmi-1'), 'ping', '-c', '1', '-W', '5', '10.62.20.1');
  const open: { stop: () => Promise<unknown> }[] = [];
  let ports = 40_000;
  let transactions = 0;
  const neighbour = await session('hmi-1');

  return {
    bench,
    server,
    narrowServer,
    attacker,
    rawServer,
    session,
    neighbourLives,
    neighbourWaits,
    arrived,
    reached,
    recordOf,
    refusal,
    close,
  };

  async function serverOn(asset: string): Promise<Running> {
    const one = bench.at(asset, process.execPath, Server, network.address(asset), '502');
    await one.says(/listening/);
    return one;
  }

  async function attacker({ opened = true, target = 'plc-1' } = {}): Promise<RawEnd> {
    const port = ports++;
    const to = { target: network.address(target), targetPort: 502 };
    const end = await openRawEnd(bench, { asset: 'scada-1', device: 'sup0', port, ...to });
    open.push(end);
    if (opened) await end.open();
    return end;
  }

  async function rawServer(): Promise<RawEnd> {
    const to = { target: attackerAddress, targetPort: 0 };
    const end = await openRawEnd(bench, { asset: 'plc-2', device: 'proc0', port: 502, ...to });
    open.push(end);
    return end;
  }

  async function session(asset: 'scada-1' | 'hmi-1' = 'scada-1', to = 'plc-1'): Promise<Session> {
    const peer = bench.at(asset, process.execPath, client('peer.ts'), 'tcp', network.address(to), '502');
    open.push(peer);
    await peer.says(/connected/);
    const { stdout } = { stdout: await mustRunIn(network.of(asset), 'ss', '-Htnp', 'dport = :502') };
    const port = Number(new RegExp(`:(\\d+)\\s+\\S+:502.*pid=${peer.pid},`).exec(stdout)?.[1]);
    const received = () => [...peer.output().matchAll(/^got ([0-9a-f]+)$/gm)].map(([, hex]) => hex).join('');
    return {
      port,
      send: (...adus) => peer.tell(adus.join('')),
      gets: async (hex) => {
        await eventually(`${hex}`, () => (hex.test(received()) ? true : undefined));
      },
      received,
      ended: async () => {
        await peer.says(/ended|failed/);
      },
      stop: peer.stop,
    };
  }

  async function neighbourLives(): Promise<void> {
    for (let count = 0; count < 2; count++) {
      await neighbourWaits();
      await neighbour.gets(new RegExp(`${adu(transactions, 1, '03020000')}$`));
    }
  }

  async function neighbourWaits(): Promise<void> {
    const from = `${network.address('hmi-1')}:${neighbour.port}`;
    const before = tap.stream(from, target('plc-1')).length;
    neighbour.send(adu(++transactions, 1, '0300000001'));
    await eventually('the neighbour’s request on the wire', () => {
      return tap.stream(from, target('plc-1')).length > before ? true : undefined;
    });
  }

  function arrived(port: number, asset = 'plc-1'): readonly string[] {
    return readAdus(tap.stream(`${attackerAddress}:${port}`, target(asset)));
  }

  function reached(port: number, asset = 'plc-1'): boolean {
    return tap.opened(`${attackerAddress}:${port}`, target(asset));
  }

  function recordOf(port: number): Promise<Entry> {
    return found(
      `the record of port ${port}`,
      (one) => one['kind'] === 'connection' && one.client?.port === port,
    );
  }

  function refusal(matches: (entry: Entry) => boolean): Promise<Entry> {
    return found(`a refusal for which ${matches}`, (one) => one['kind'] === 'refusal' && matches(one));
  }

  async function found(what: string, matches: (entry: Entry) => boolean): Promise<Entry> {
    return eventually(what, async () => {
      const said = await penstock('evidence', 'show', join(bench.site.folder, 'state/evidence'), '--json');
      const lines = said.stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => (JSON.parse(line) as { record: Entry }).record ?? {}).find(matches);
    });
  }

  async function close(): Promise<void> {
    for (const one of open) await one.stop();
    await tap.stop();
    await server.stop();
    await narrowServer.stop();
    await bench.close();
  }
}

function readAdus(bytes: Buffer): readonly string[] {
  const adus: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 6 + bytes.readUInt16BE(at + 4);
    if (bytes.readUInt16BE(at + 2) !== 0 || end > bytes.length)
      throw new Error(`the server was sent what is no ADU, at ${at}: ${bytes.toString('hex')}`);
    adus.push(bytes.toString('hex', at + 6, end));
    at = end;
  }
  return adus;
}
