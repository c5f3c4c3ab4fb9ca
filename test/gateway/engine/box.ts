import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { askEngine, type EngineAnswer } from '../../../gateway/cli/engine-client.ts';
import { freePort } from '../../../gateway/cli/free-port.ts';
import { makeKeyPair } from '../../../gateway/cli/keygen.ts';
import { readSigningKey, sealPolicy } from '../../../gateway/cli/seal.ts';
import { type Config, formatConfig, readConfig } from '../../../gateway/config.ts';
import type { RawConfig } from '../../../gateway/config-schema.ts';
import { readLog } from '../../../gateway/evidence/read-log.ts';
import type { Question } from '../../../gateway/ipc/messages.ts';
import { AppliedBody, ConnectionsBody, SettledBody, StatusBody } from '../../../gateway/ipc/snapshot.ts';
import { makeDirectories } from '../../../gateway/run/directories.ts';
import { controlSocket, countersDirectory, inspectorSocket } from '../../../gateway/run/processes.ts';
import { compile } from '../../../policy/compile/compile.ts';
import { readModel } from '../../../policy/model/read-model.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { Act, EvidenceRecord } from '../../../rules/record/record.ts';
import { type Plc, startPlc } from '../../plant/plc.ts';

/** A gateway with the proxy back end on loopback, its processes real, in a directory of its own. */
export interface Box {
  readonly config: Config;
  /** Where that configuration stands. */
  readonly configFile: string;
  /** Port that stands for hmi-1, which may only read, and for scada-1, which may write; both lead to plc-dosing. */
  readonly ports: { readonly hmi: number; readonly scada: number };
  readonly plc: Plc;
  /** The compiled example. */
  readonly policy: Policy;
  readonly startEngine: (...options: readonly string[]) => Child;
  readonly startInspector: (...options: readonly string[]) => Child;
  /** That policy, changed and signed with the site's key. */
  readonly sealed: (change?: Partial<Policy>) => Uint8Array;
  /** The same, as the bundle this box confirmed before. */
  readonly confirm: (envelope: Uint8Array) => void;
  readonly configure: (change: Partial<RawConfig>) => void;
  /** Confirmed at once unless it is given some milliseconds to be confirmed in. */
  readonly apply: (envelope: Uint8Array, confirmWithin?: number) => Promise<EngineAnswer<AppliedBody>>;
  readonly settle: (kind: 'confirm' | 'rollback') => Promise<EngineAnswer<SettledBody>>;
  /** Waits for a status that fits. */
  readonly status: (fits?: (status: StatusBody) => boolean) => Promise<StatusBody>;
  readonly connections: () => Promise<ConnectionsBody>;
  readonly records: () => Promise<readonly EvidenceRecord[]>;
  /** Waits for an act of this kind. */
  readonly act: <K extends Act['kind']>(kind: K) => Promise<Extract<Act, { kind: K }>>;
  readonly close: () => Promise<void>;
}

/** A process of the box. */
export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** What it logged. */
  readonly log: () => string;
}

export async function openBox(): Promise<Box> {
  const home = mkdtempSync(join(tmpdir(), 'pst-box-'));
  const keys = makeKeyPair(join(home, 'keys'));
  const plc = await startPlc({ kind: 'dosing', address: '127.0.0.1', port: 0 });
  const hmi = await freePort(18_000 + (process.pid % 500) * 20);
  const scada = await freePort(hmi + 1);
  const server = `127.0.0.1:${plc.port}`;
  const listener = (as: string, port: number) => ({
    as,
    to: 'plc-dosing',
    port: 502,
    listen: `127.0.0.1:${port}`,
    server,
  });
  let raw: RawConfig = {
    back_end: 'proxy',
    site: 'riverside-wtp',
    gateway: 'cgw-01',
    trusted_keys: [keys.public],
    state: join(home, 'state'),
    run: join(home, 'run'),
    page: { listen: '127.0.0.1:0' },
    metrics: { listen: '127.0.0.1:0' },
    listeners: [listener('hmi-1', hmi), listener('scada-1', scada)],
  };
  const file = join(home, 'gateway.yaml');
  writeFileSync(file, formatConfig(raw));
  const config = readConfig(file);
  makeDirectories(config, false);
  const inspectorOptions = ['--engine', inspectorSocket(config), '--counters', countersDirectory(config)];
  const children: Child[] = [];

  function start(entry: string, options: readonly string[]): Child {
    const child = startChild(entry, options);
    children.push(child);
    return child;
  }

  const ask = (what: Question) => ({ kind: 'ask', id: 1, what }) as const;
  const statusNow = async (): Promise<StatusBody | undefined> => {
    const answer = await askEngine(controlSocket(config), ask('status'), StatusBody).catch(() => undefined);
    return answer?.ok === true ? answer.body : undefined;
  };
  const records = async (): Promise<readonly EvidenceRecord[]> => {
    const found: EvidenceRecord[] = [];
    for await (const entry of readLog(join(config.state, 'evidence'))) {
      if (entry.kind === 'record') found.push(entry.record);
    }
    return found;
  };

  return {
    config,
    configFile: file,
    ports: { hmi, scada },
    plc,
    policy: examplePolicy,
    startEngine: (...options) => start('engine', ['--config', file, ...options]),
    startInspector: (...options) => start('inspector', [...inspectorOptions, ...options]),
    sealed: (change = {}) => sealPolicy({ ...examplePolicy, ...change }, readSigningKey(keys.secret)),
    confirm: (envelope) => {
      mkdirSync(join(config.state, 'bundles'), { recursive: true });
      writeFileSync(join(config.state, 'bundles', 'confirmed.bundle'), envelope);
    },
    configure: (change) => {
      raw = { ...raw, ...change };
      writeFileSync(file, formatConfig(raw));
    },
    apply: (envelope, confirmWithin = 0) => {
      const asked = { kind: 'apply', id: 1, envelope: Buffer.from(envelope).toString('base64') } as const;
      const terms = { by: 'anna', confirmWithin, dryRun: false } as const;
      return askEngine(controlSocket(config), { ...asked, ...terms }, AppliedBody);
    },
    settle: (kind) => askEngine(controlSocket(config), { kind, id: 1, by: 'anna' }, SettledBody),
    status: (fits = () => true) => eventually(statusNow, fits),
    connections: async () => {
      const answer = await askEngine(controlSocket(config), ask('connections'), ConnectionsBody);
      return answer.ok ? answer.body : [];
    },
    records,
    act: (kind) =>
      eventually(async () => {
        const acts = (await records()).flatMap((one) => (one.kind === 'act' ? [one.act] : []));
        return acts.find((act): act is Extract<Act, { kind: typeof kind }> => act.kind === kind);
      }),
    close: async () => {
      for (const { process: child } of children) child.kill('SIGKILL');
      await Promise.all(children.map(({ ended }) => ended));
      await plc.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Whether a box carries traffic with a spare beside. */
export function isReady({ policyVersion, inspectors }: StatusBody): boolean {
  return (
    policyVersion > 0 &&
    inspectors.some(({ shards }) => shards.length > 0) &&
    inspectors.some(({ spare }) => spare)
  );
}

/** Asks until there is an answer that fits; the test's own time-out is the end. */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  fits: (answer: T) => boolean = () => true,
): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && fits(answer)) return answer;
    await delay(20);
  }
}

function startChild(entry: string, options: readonly string[]): Child {
  const main = fileURLToPath(new URL(`../../../gateway/${entry}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [main, ...options], { stdio: ['pipe', 'ignore', 'pipe'] });
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  return { process: child, pid: child.pid ?? 0, ended, log: () => log };
}

const Example = fileURLToPath(new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url));

/** From yesterday for a year, whatever day it is. */
export const examplePolicy: Policy = compileExample(Date.now() - 86_400_000);

function compileExample(notBefore: number): Policy {
  const read = readModel(readFileSync(Example, 'utf8'), Example);
  if (!read.ok) throw new Error('the example cannot be read');
  const compiled = compile(read.model, {
    gateway: 'cgw-01',
    now: notBefore,
    notBefore,
    modelDigest: new Uint8Array(32),
    compiler: 'penstock 0.1.0',
  });
  if (!compiled.ok) throw new Error('the example does not compile');
  return compiled.policy;
}
