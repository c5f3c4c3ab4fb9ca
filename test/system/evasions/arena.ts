import { fileURLToPath } from 'node:url';
import { mustRunIn, type Running } from '../../plant/namespaces/exec.ts';
import { adu, type Bench, BenchGateway, client, openBench } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { recordsOnDisk } from '../records-on-disk.ts';
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
  /** What the evidence has to hold in the end; looking it up for each case would take most of the time. */
  readonly willRecord: (what: string, matches: (entry: Entry) => boolean) => void;
  /** The same of the record of a connection from a port. */
  readonly willRecordEnd: (
    port: number,
    fields: { readonly reason: string; readonly refused?: number },
  ) => void;
  /** Waits until the evidence holds all of that; returns what is missing. */
  readonly missingRecords: () => Promise<readonly string[]>;
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

/** `config` are more lines of `gateway.yaml`. */
export async function openArena(model = EvasionsModel, config: readonly string[] = []): Promise<Arena> {
  const bench = await openBench(model, BenchGateway, config);
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
  const awaited: { readonly what: string; readonly matches: (entry: Entry) => boolean }[] = [];
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
    willRecord,
    willRecordEnd,
    missingRecords,
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

  function willRecord(what: string, matches: (entry: Entry) => boolean): void {
    awaited.push({ what, matches });
  }

  function willRecordEnd(port: number, { reason, refused }: { reason: string; refused?: number }): void {
    willRecord(
      `the end of the connection from port ${port}: ${reason}, ${refused ?? 'any'} refused`,
      (one) => {
        if (one['kind'] !== 'connection' || one.client?.port !== port || one['reason'] !== reason)
          return false;
        return refused === undefined || one['refused'] === refused;
      },
    );
  }

  async function missingRecords(): Promise<readonly string[]> {
    let missing = awaited.splice(0);
    await eventually('the rest of the record', async () => {
      const entries = await recordsOnDisk<Entry>(bench.site);
      missing = missing.filter(({ matches }) => !entries.some(matches));
      return missing.length === 0 || undefined;
    }).catch(() => {}); // what is missing says more
    return missing.map(({ what }) => what);
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
