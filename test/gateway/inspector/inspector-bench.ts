import { Writable } from 'node:stream';
import { systemClock } from '../../../gateway/clock.ts';
import {
  type Inspector,
  type InspectorOptions,
  startInspector,
} from '../../../gateway/inspector/inspector.ts';
import type { ProxyListener } from '../../../gateway/ipc/reports.ts';
import { createLog } from '../../../gateway/log.ts';
import { type Plc, startPlc } from '../../plant/plc.ts';
import { type EngineDouble, type InspectorLink, startEngineDouble } from './engine-double.ts';
import { type Client, createLoopback, type Loopback } from './loopback.ts';
import { samplePolicy } from './sample.ts';

/** An inspector between loopback clients and a simulated controller, its engine a double. */
export interface Bench {
  readonly engine: EngineDouble;
  readonly loopback: Loopback;
  readonly inspector: Inspector;
  readonly plc: Plc;
  /** The listener for hmi-1 towards plc-1. */
  readonly listener: (change?: Partial<ProxyListener>) => ProxyListener;
  /** A client of hmi-1 connected to plc-1 under the sample policy. */
  readonly connected: () => Promise<{ client: Client; link: InspectorLink; port: number }>;
  readonly close: () => Promise<void>;
}

export const BenchEpoch = '0123456789abcdef';

export async function openBench(change: Partial<InspectorOptions> = {}): Promise<Bench> {
  const loopback = createLoopback();
  const engine = await startEngineDouble();
  const plc = await startPlc({ kind: 'dosing', address: '127.0.0.1', port: 0 });
  const inspector = startInspector({
    engine: engine.path,
    epoch: BenchEpoch,
    pid: process.pid,
    clock: systemClock,
    limits: { perPair: 4, total: 100 },
    log: createLog('inspector', Silence),
    ...change,
  });
  const listener = (change: Partial<ProxyListener> = {}): ProxyListener => ({
    as: 'hmi-1',
    to: 'plc-1',
    port: 502,
    listen: { address: '127.0.0.1', port: 0 },
    server: { address: '127.0.0.1', port: plc.port },
    shard: 0,
    ...change,
  });
  return {
    engine,
    loopback,
    inspector,
    plc,
    listener,
    connected: async () => {
      const link = await engine.inspector(0);
      await link.enforce(samplePolicy());
      const [port] = await link.serve([listener()]);
      return { client: await loopback.connect(port!), link, port: port! };
    },
    close: async () => {
      loopback.close();
      await inspector.close();
      await engine.close();
      await plc.close();
    },
  };
}

const Silence = new Writable({ write: (_chunk, _encoding, done) => done() });
