import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ClosedConnection, FlowCounters } from '../../../gateway/ipc/reports.ts';
import { InspectorPort, type Policy } from '../../../rules/policy.ts';
import {
  type EngineDouble,
  type InspectorLink,
  startEngineDouble,
} from '../../gateway/inspector/engine-double.ts';
import { type Running, runIn, startIn } from '../../plant/namespaces/exec.ts';
import { BenchInterfaces, type Bench as Cables, HmiAddress, layBench, PlcAddress } from '../enforce/bench.ts';
import { openRawEnd, type RawEnd } from '../evasions/raw-end.ts';
import { startTap, type Tap } from '../evasions/tap.ts';
import { eventually } from '../eventually.ts';
import { divert } from './divert.ts';

/** One inspector per data path in the same box, towards the same server; the client's port says which carries. */
export interface TwoInspectors {
  /** Does the same to two connections, one over each path, until both are on record, and gives what became of each. */
  readonly both: (act: (end: RawEnd) => Promise<void>) => Promise<readonly [Outcome, Outcome]>;
  readonly tellServer: (...lines: readonly string[]) => Promise<void>;
  /** From now on on both, also for what is open. */
  readonly enforce: (policy: Policy) => Promise<void>;
  /** What each has refused, and what it has counted, from its start until now. */
  readonly books: () => Promise<readonly [Books, Books]>;
  readonly close: () => Promise<void>;
}

/** What can be seen of one connection: nothing in it may depend on the path. */
export interface Outcome {
  /** Every request that came out towards the server; how they share segments is the path's own. */
  readonly requests: readonly string[];
  /** All the client was sent, and how its end was told to it. */
  readonly answers: string;
  readonly ends: readonly string[];
  readonly record: Partial<ClosedConnection>;
}

export interface Books {
  /** How many of each kind, whatever messages they came in. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly requests: readonly Pick<FlowCounters, 'flowId' | 'requests'>[];
}

const Names = ['epoll', 'streams'] as const;
/** Ports of the clients that each inspector's shard is given. */
const FirstPort = { epoll: 30_000, streams: 40_000 } as const;

export async function startTwoInspectors(policy: Policy): Promise<TwoInspectors> {
  const cables = await layBench();
  const { hmi, plc, network } = cables;
  const running: { stop: () => Promise<unknown> }[] = [];
  try {
    await divert(
      cables,
      { port: InspectorPort, clientPorts: '30000-39999' },
      { port: InspectorPort + 1, clientPorts: '40000-49999' },
    );
    const program = fileURLToPath(new URL('../attacks/hostile-server.ts', import.meta.url));
    const server = startIn(plc, [process.execPath, program, PlcAddress, '502']);
    running.push(server);
    await server.says(/listening/);
    const tap = await startTap(network, 'proc0');
    running.push(tap);
    const engine = await startEngineDouble();
    running.push({ stop: engine.close });
    const links: InspectorLink[] = [];
    const closed: ClosedConnection[] = [];
    for (const [shard, path] of Names.entries()) {
      const { inspector, link } = await startInspector(cables, engine, shard, path, policy);
      running.unshift(inspector);
      link.listen((message) => void (message.kind === 'closed' && closed.push(message.connection)));
      links.push(link);
    }
    // Whoever answers a segment by hand asks for no neighbour, so that the kernel has to know the way before.
    await runIn(hmi, ['ping', '-c', '1', '-W', '1', '10.20.0.1']);
    let count = 0;
    return {
      both: async (act) => {
        count += 1;
        const [one, other] = await Promise.all(
          Names.map((path) => outcome(cables, tap, closed, FirstPort[path] + count, act)),
        );
        if (one === undefined || other === undefined) throw new Error('unreachable');
        return [one, other];
      },
      tellServer: async (...lines) => {
        for (const line of lines) {
          server.tell(line);
          await server.says(new RegExp(`did ${line}`));
        }
      },
      enforce: async (next) => {
        for (const link of links) await link.enforce(next);
      },
      books: async () => {
        const [one, other] = await Promise.all(links.map(booksOf));
        if (one === undefined || other === undefined) throw new Error('unreachable');
        return [one, other];
      },
      close: () => close(cables, running),
    };
  } catch (error) {
    await close(cables, running);
    throw error;
  }
}

async function close({ network }: Cables, running: readonly { stop: () => Promise<unknown> }[]) {
  for (const one of running) await one.stop();
  await network.destroy();
}

async function startInspector(
  { gateway }: Cables,
  engine: EngineDouble,
  shard: number,
  path: 'epoll' | 'streams',
  policy: Policy,
): Promise<{ inspector: Running; link: InspectorLink }> {
  const entry = fileURLToPath(new URL('../../../gateway/inspector/main.ts', import.meta.url));
  const inspector = startIn(gateway, [process.execPath, entry, '--engine', engine.path]);
  const link = await engine.inspector(shard);
  link.send({ kind: 'carry-by', path });
  await link.hears('carries-by', (said) => said.path === path && said.problem === '');
  await link.enforce(policy);
  link.send({ kind: 'take', shards: [shard] });
  await link.hears('listening');
  return { inspector, link };
}

async function outcome(
  { network }: Cables,
  tap: Tap,
  closed: readonly ClosedConnection[],
  port: number,
  act: (end: RawEnd) => Promise<void>,
): Promise<Outcome> {
  const place = {
    network,
    at: (asset: string, ...command: readonly string[]) => startIn(network.of(asset), command),
    site: { policy: { interfaces: BenchInterfaces } },
  };
  const end = await openRawEnd(place, {
    asset: 'hmi',
    device: 'sup0',
    port,
    target: PlcAddress,
    targetPort: 502,
  });
  try {
    await end.open();
    await act(end);
    const record = await eventually(`the record of port ${port}`, () =>
      closed.find((one) => one.client.port === port),
    );
    // Its own reset is answered by nobody.
    await Promise.race([end.cut().catch(() => undefined), delay(2_000)]);
    const ends = [`${HmiAddress}:${port}`, `${PlcAddress}:502`] as const;
    // The tap tells of what it saw in its own time.
    const requests = () => tap.segments(...ends).flatMap(requestsIn);
    await eventually('the requests on the wire', () => {
      return requests().length >= record.transactions - record.refused || undefined;
    });
    const { id: _id, startedAt: _startedAt, endedAt: _endedAt, client, ...rest } = record;
    return {
      requests: requests(),
      answers: end.received(),
      // What its kernel says to a reset connection is answered with another.
      ends: end.ends().slice(0, 1),
      record: { ...rest, client: { ...client, port: 0 } },
    };
  } finally {
    await end.stop();
  }
}

/** No request is ever cut in two by a segment. */
function requestsIn(segment: string): readonly string[] {
  if (segment === '') return [];
  const length = 2 * (6 + Number.parseInt(segment.slice(8, 12), 16));
  return [segment.slice(0, length), ...requestsIn(segment.slice(length))];
}

/** Told each second; some tellings after now, nothing is on its way any more. */
async function booksOf(link: InspectorLink): Promise<Books> {
  const before = link.heard('counters').length;
  await eventually('the next counters', () => link.heard('counters').length >= before + 3 || undefined);
  const refusals: Record<string, number> = {};
  for (const { refusal } of link.heard('refusal')) {
    const { reason, unit, functionCode, address, verdict, count } = refusal;
    const kind = [reason, verdict, unit, functionCode, address].join(' ');
    refusals[kind] = (refusals[kind] ?? 0) + count;
  }
  const flows = link.heard('counters').at(-1)?.flows ?? [];
  return { refusals, requests: flows.map(({ flowId, requests }) => ({ flowId, requests })) };
}
