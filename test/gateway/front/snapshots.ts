import type { EngineAnswer, EngineAsker, EngineProblem, Who } from '../../../gateway/front/engine-asker.ts';
import { LatencyBuckets } from '../../../gateway/ipc/bounds.ts';
import type { Answers, Asks, Call, CallName } from '../../../gateway/ipc/calls.ts';
import type { ExerciseBody } from '../../../gateway/ipc/exercise-body.ts';
import type { Question } from '../../../gateway/ipc/messages.ts';
import type { ModeBody } from '../../../gateway/ipc/mode-body.ts';
import type { FlowCounters, RefusalReport } from '../../../gateway/ipc/reports.ts';
import type {
  AuditedBody,
  ConduitBody,
  ConnectionBody,
  FlowBody,
  MetricsBody,
  ObservationBody,
  StatusBody,
} from '../../../gateway/ipc/snapshot.ts';
import { type FakeDesk, fakeDesk } from './fake-desk.ts';

/** 2026-10-06 12:00:00 UTC. */
export const noon = 1_791_288_000_000;

/** What an engine answers on an ordinary day at the example plant; each part can be replaced. */
export interface Snapshots {
  status: StatusBody;
  conduits: ConduitBody[];
  connections: ConnectionBody[];
  refusals: RefusalReport[];
  metrics: MetricsBody;
  mode: ModeBody;
  exercise: ExerciseBody;
  observation: ObservationBody;
  audited: AuditedBody;
}

/** An engine that answers from `snapshots` and its desk, or not at all while `problem` is set. */
export interface FakeEngine extends EngineAsker {
  readonly desk: FakeDesk;
  snapshots: Snapshots;
  problem: EngineProblem | undefined;
}

export function fakeEngine(snapshots: Snapshots = ordinaryDay()): FakeEngine {
  const engine: FakeEngine = {
    desk: fakeDesk(),
    snapshots,
    problem: undefined,
    ask: async <Q extends Question>(what: Q) =>
      (engine.problem === undefined
        ? { ok: true, body: engine.snapshots[what] }
        : { ok: false, problem: engine.problem }) as EngineAnswer<Q>,
    call: async <N extends CallName>(name: N, asks: Asks<N>, { session, source, attended }: Who) => {
      if (engine.problem !== undefined) return { ok: false, problem: engine.problem };
      const context = { at: 'front', session, source: source.address, attended } as const;
      const outcome = await engine.desk.answer({ name, with: asks } as Call, context);
      return outcome.ok
        ? { ok: true, body: outcome.body as Answers<N> }
        : { ok: false, problem: outcome.refusal };
    },
    close: () => undefined,
  };
  return engine;
}

export const gone: EngineProblem = {
  code: 'PST_ERR_ENGINE_GONE',
  sentence: 'The engine cannot be reached.',
  remedy: 'Read its process log.',
};

export function ordinaryDay(): Snapshots {
  return {
    status: status(),
    conduits: conduits(),
    connections: connections(),
    refusals: [refusal()],
    metrics: metrics([flowCounters()]),
    exercise: rehearsal,
    mode: { ...normalMode, cut: [], profiles: [], order: [], modes: ['normal', 'island', 'lockdown'] },
    audited: [],
    observation: {
      site: 'riverside-wtp',
      gateway: 'cgw-01',
      since: noon,
      until: noon,
      blind: 0,
      flows: [],
      permissions: [],
      vendors: [],
      strangers: [],
    },
  };
}

const rehearsal: ExerciseBody = {
  format: 1,
  id: 'EX-20261006-120000',
  occasion: 'exercise',
  dry: true,
  site: 'riverside-wtp',
  gateway: 'cgw-01',
  policyVersion: 42,
  scenario: 'ransomware in the office network',
  participants: ['ada'],
  startedAt: noon,
  startedBy: 'ada',
  endedAt: 0,
  endedBy: '',
  clock: { from: noon, earlyWarning: noon + 86_400_000, notification: noon + 259_200_000 },
  entries: [],
  changes: [],
  modeAtEnd: '',
};

const normalMode: StatusBody['mode'] = {
  name: 'normal',
  since: 0,
  by: '',
  why: '',
  cutFlows: 0,
  otherProfiles: 0,
};

export function status(changes: Partial<StatusBody> = {}): StatusBody {
  return {
    site: 'riverside-wtp',
    gateway: 'cgw-01',
    policyVersion: 42,
    policyDigest: 'ab'.repeat(32),
    compiledFor: 'penstock 0.1.0',
    notBefore: noon - 30 * Day,
    notAfter: noon + 335 * Day,
    activatedAt: noon - 2 * Day,
    backEnd: 'kernel',
    zones: [
      { name: 'enterprise', kind: 'enterprise', slT: 1 },
      { name: 'idmz', kind: 'dmz', slT: 2 },
      { name: 'supervisory', kind: 'control', slT: 2 },
      { name: 'process', kind: 'control', slT: 3 },
      { name: 'safety', kind: 'safety', slT: 3 },
    ],
    mode: normalMode,
    startedAt: noon - 12 * Day,
    now: noon,
    inspectors: [
      { pid: 812, shards: [0, 1, 2, 3], spare: false, since: noon - 12 * Day },
      { pid: 813, shards: [], spare: true, since: noon - 12 * Day },
    ],
    nftChild: 'up',
    evidence: { segment: 14, records: 48_213, bytes: 9_870_336, lagMs: 40, lost: 0, failing: '' },
    alarms: [],
    ...changes,
  };
}

export function flow(id: string, changes: Partial<FlowBody> = {}): FlowBody {
  return {
    id,
    protocol: 'tcp',
    ports: '502',
    sources: ['scada-1'],
    destinations: ['plc-intake', 'plc-dosing'],
    profile: 'scada-setpoints',
    inspected: true,
    gated: false,
    open: true,
    packets: 0,
    bytes: 48_220_114,
    connectionsOpen: 2,
    connectionsTotal: 17,
    transactions: 1_248_930,
    refused: 0,
    wouldRefuse: 0,
    ...changes,
  };
}

export function conduits(): ConduitBody[] {
  const plain = { inspected: false, profile: '', connectionsOpen: 0, connectionsTotal: 0, transactions: 0 };
  return [
    {
      id: 'C-03',
      name: 'Historian replication',
      from: 'supervisory',
      to: 'idmz',
      oneWay: false,
      flows: [
        flow('C-03/F-01', {
          ...plain,
          sources: ['historian'],
          destinations: ['hist-replica'],
          ports: '8443',
          packets: 83_220,
          bytes: 71_882_000,
        }),
      ],
    },
    {
      id: 'C-05',
      name: 'Supervision of controllers',
      from: 'supervisory',
      to: 'process',
      oneWay: false,
      flows: [
        flow('C-05/F-01'),
        flow('C-05/F-02', {
          sources: ['hmi-1'],
          profile: 'read-telemetry',
          transactions: 402_118,
          refused: 3,
          connectionsOpen: 1,
        }),
      ],
    },
    {
      id: 'C-06',
      name: 'PLC maintenance window',
      from: 'supervisory',
      to: 'process',
      oneWay: false,
      flows: [
        flow('C-06/F-01', {
          ...plain,
          sources: ['eng-ws'],
          destinations: ['plc-intake'],
          ports: '44818',
          gated: true,
          open: false,
        }),
      ],
    },
    {
      id: 'C-07',
      name: 'Leak permissive',
      from: 'process',
      to: 'safety',
      oneWay: false,
      flows: [
        flow('C-07/F-01', {
          sources: ['plc-dosing'],
          destinations: ['sis-plc'],
          profile: 'sis-status',
          connectionsOpen: 1,
          transactions: 86_400,
        }),
      ],
    },
    {
      id: 'C-08',
      name: 'Controller telemetry out',
      from: 'process',
      to: 'supervisory',
      oneWay: true,
      flows: [
        flow('C-08/F-01', {
          ...plain,
          protocol: 'udp',
          ports: '514',
          sources: ['plc-intake', 'plc-dosing'],
          destinations: ['scada-1'],
          packets: 9_120,
          bytes: 1_203_000,
        }),
      ],
    },
  ];
}

export function connection(changes: Partial<ConnectionBody> = {}): ConnectionBody {
  return {
    id: 'a1b2-1',
    flow: 5,
    flowId: 'C-05/F-01',
    conduit: 'C-05',
    client: { address: '10.20.0.10', port: 49_152 },
    server: { address: '10.30.0.12', port: 502 },
    clientAsset: 'scada-1',
    serverAsset: 'plc-dosing',
    startedAt: noon - 2 * Day,
    bytesFromClient: 4_822_011,
    bytesFromServer: 9_120_334,
    transactions: 824_112,
    refused: 0,
    responses: 824_112,
    ...changes,
  };
}

export function connections(): ConnectionBody[] {
  return [
    connection(),
    connection({
      id: 'a1b2-2',
      server: { address: '10.30.0.11', port: 502 },
      serverAsset: 'plc-intake',
      transactions: 424_818,
    }),
    connection({
      id: 'a1b2-9',
      flowId: 'C-05/F-02',
      client: { address: '10.20.0.11', port: 50_110 },
      clientAsset: 'hmi-1',
      startedAt: noon - 3_700_000,
      transactions: 7_204,
      refused: 3,
    }),
    connection({
      id: 'a1b2-4',
      flowId: 'C-07/F-01',
      conduit: 'C-07',
      client: { address: '10.30.0.12', port: 33_001 },
      server: { address: '10.40.0.2', port: 502 },
      clientAsset: 'plc-dosing',
      serverAsset: 'sis-plc',
      startedAt: noon - 86_400_000,
      transactions: 86_400,
    }),
  ];
}

export function refusal(changes: Partial<RefusalReport> = {}): RefusalReport {
  return {
    at: noon - 64_000,
    flow: 6,
    flowId: 'C-05/F-02',
    conduit: 'C-05',
    connection: 'a1b2-9',
    client: { address: '10.20.0.11', port: 50_110 },
    server: { address: '10.30.0.12', port: 502 },
    clientAsset: 'hmi-1',
    serverAsset: 'plc-dosing',
    verdict: 'refuse',
    reason: 'fc-not-allowed',
    summed: false,
    unit: 1,
    functionCode: 6,
    address: 100,
    quantity: 1,
    values: [350],
    exceptionCode: 1,
    action: 'exception',
    rule: '',
    file: 'waterworks.zones.yaml',
    line: 123,
    text: 'WRITE holding register 100 = 350 on unit 1',
    count: 1,
    ...changes,
  };
}

export function flowCounters(changes: Partial<FlowCounters> = {}): FlowCounters {
  return {
    flowId: 'C-05/F-02',
    conduit: 'C-05',
    requests: [
      { functionCode: 3, verdict: 'allow', count: 402_115 },
      { functionCode: 0, verdict: 'refuse', count: 3 },
    ],
    refusals: [{ reason: 'fc-not-allowed', count: 3 }],
    exceptions: 0,
    quarantined: [{ reason: 'response-late', count: 4 }],
    tolerated: [{ what: 'unit-echo', count: 12 }],
    bytesFromClient: 4_825_416,
    bytesFromServer: 9_120_334,
    open: 1,
    opened: 17,
    unreached: 0,
    responses: 0,
    latency: {
      bucketCounts: LatencyBuckets.map((_, index) => (index === 2 ? 400_000 : 100)),
      sum: 21.5,
      count: 401_300,
    },
    ...changes,
  };
}

export function metrics(flows: FlowCounters[], changes: Partial<MetricsBody> = {}): MetricsBody {
  return {
    flows,
    kernelFlows: [{ flowId: 'C-03/F-01', conduit: 'C-03', packets: 83_220, bytes: 71_882_000 }],
    drops: [{ reason: 'no-flow', packets: 219 }],
    undeclared: 41,
    evidence: status().evidence,
    policy: {
      version: 42,
      digest: 'ab'.repeat(32),
      activatedAt: noon - 2 * Day,
      notAfter: noon + 335 * Day,
    },
    mode: { name: 'normal', modes: ['normal', 'island', 'lockdown'], cutFlows: 0 },
    rollbacks: 1,
    tableChanges: 2,
    bundlesRejected: [{ code: 'BUNDLE_SIGNATURE', count: 1 }],
    processes: [
      { name: 'engine', up: 1, restarts: 0 },
      { name: 'inspector', up: 2, restarts: 1 },
      { name: 'nft', up: 1, restarts: 0 },
    ],
    backEnd: 'kernel',
    startedAt: noon - 12 * Day,
    essential: [{ flowId: 'C-05/F-02', conduit: 'C-05' }],
    alarms: [{ code: 'NO_SPARE', count: 1 }],
    proof: {
      size: 48_213,
      signedSize: 48_200,
      witnessedSize: 48_000,
      checkpointAt: noon - 60_000,
      broken: '',
      maxBytes: 1_073_741_824,
      keptPercent: 12,
    },
    syslogBehind: 3,
    disk: { bytes: 16_000_000_000, free: 9_000_000_000 },
    grants: {
      requested: 1,
      approved: 0,
      opened: 12,
      closed: [{ cause: 'grant-ended', count: 11 }],
      open: [
        {
          ...{ grant: 'G-7F3K', vendor: 'pumpco', secondsLeft: 1500, openFor: 300, channels: 2 },
          ...{ bytesFromClient: 1200, bytesFromServer: 2500, writes: 3, refused: 1, breakGlass: false },
        },
      ],
    },
    ...changes,
  };
}

const Day = 86_400_000;
