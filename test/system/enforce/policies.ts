import { createCompileReport } from '../../../policy/compile/findings.ts';
import { renderNftRuleset } from '../../../policy/compile/nft-ruleset.ts';
import type {
  ConduitRule,
  Endpoint,
  FlowLimits,
  FlowRule,
  Gate,
  ModeRule,
  Policy,
  SourceRef,
} from '../../../rules/policy.ts';
import { policyOf } from '../../gateway/enforce/policies.ts';
import { BenchAssets, BenchInterfaces, HmiAddress, PlcAddress } from './bench.ts';

/** What a test says of a flow from the bench's HMI to its controller. */
export interface BenchFlow {
  /** `F-01`; the conduit is always C-01. */
  readonly id: string;
  readonly protocol?: FlowRule['protocol'];
  /** One port, or the first and the last of a range. */
  readonly port?: number | readonly [number, number];
  readonly inspected?: boolean;
  readonly gated?: boolean;
  readonly oneWay?: boolean;
  readonly limits?: FlowLimits;
}

/** The compiled policy of these flows, numbered from 1 in their order; `normal` is its only mode. */
export function benchPolicy(...flows: readonly BenchFlow[]): Policy {
  return policyWithModes({}, ...flows);
}

/** The same with modes that keep the flows of these ids. */
export function policyWithModes(
  keep: Readonly<Record<string, readonly string[]>>,
  ...flows: readonly BenchFlow[]
): Policy {
  const modes = Object.entries(keep).map(([name, ids]) => modeRule(name, ids));
  const oneWay = flows.some((flow) => flow.oneWay);
  const parts = policyOf({
    interfaces: BenchInterfaces,
    assets: BenchAssets,
    conduits: [Conduit, ...(oneWay ? [OneWayConduit] : [])],
    flows: flows.map(flowRule),
    modes: [modeRule('normal'), ...modes],
  });
  const report = createCompileReport('bench.yaml');
  const nft = renderNftRuleset(parts, { tcp: 'reset', udp: 'drop' }, report);
  if (report.findings.length > 0) throw new Error(JSON.stringify(report.findings));
  return { ...parts, nft };
}

/** The full id of a flow of the bench. */
export function flowId(id: string): string {
  return `${Conduit.id}/${id}`;
}

function modeRule(name: string, keep?: readonly string[]): ModeRule {
  const ids = keep?.map(flowId) ?? [];
  return { name, keep: ids, keepsAll: keep === undefined, recover: [], profiles: [] };
}

function flowRule(
  { id, protocol = 'tcp', port, inspected, gated, oneWay = false, limits }: BenchFlow,
  index: number,
): FlowRule {
  const [first, last] = typeof port === 'object' ? port : [port ?? 0, port ?? 0];
  return {
    number: index + 1,
    id: flowId(id),
    conduit: (oneWay ? OneWayConduit : Conduit).id,
    sources: [Hmi],
    destinations: [Plc],
    protocol,
    ports: port === undefined ? [] : [{ first, last }],
    profile: inspected === true ? 'any' : '',
    oneWay,
    essential: false,
    gate: gated === true ? SessionGate : undefined,
    auditUntil: 0,
    auditMalformed: false,
    limits,
    source: Source,
  };
}

const Hmi: Endpoint = { asset: 'hmi', zone: 'supervisory', prefixes: [`${HmiAddress}/32`] };
const Plc: Endpoint = { asset: 'plc', zone: 'process', prefixes: [`${PlcAddress}/32`] };
const SessionGate: Gate = { opensAt: 0, closesAt: 0, schedule: undefined, session: true };
const Source: SourceRef = { file: 'bench.yaml', line: 1, column: 1, owner: '', ticket: '', sr: [] };
const Conduit: ConduitRule = {
  id: 'C-01',
  name: 'Bench',
  from: 'supervisory',
  to: 'process',
  slT: 2,
  oneWay: false,
  tolerances: [],
  undeclaredUntil: 0,
  source: Source,
};
const OneWayConduit: ConduitRule = { ...Conduit, id: 'C-02', name: 'One way', oneWay: true };
