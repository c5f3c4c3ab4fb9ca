import { type Reason, Reasons } from '../../rules/reason.ts';
import type { RefusalReport } from '../ipc/reports.ts';

/** Gathers refusals until they are drained, so that a flood of them costs a bounded number of records. */
export interface RefusalWindow {
  /**
   * One more of this kind. Only for the first of a kind is `report` asked for the details: they cost more than the
   * refusal, and a flood must not pay for them.
   */
  readonly add: (kind: RefusalKind, report: () => RefusalReport) => void;
  /** What was drained and could not be told stays counted; `report.count` is what it stands for. */
  readonly putBack: (report: RefusalReport) => void;
  /** What was gathered since the last call, counts exact, oldest kind first. `now` is wall time. */
  readonly drain: (now: number) => RefusalReport[];
}

/**
 * What makes two refusals one kind: whoever polls a forbidden register makes one report, and whoever walks through
 * all of them makes {@link KindsPerWindow} and one more.
 */
export interface RefusalKind {
  /** Flow and addresses of client and server, as {@link endsOf} writes them. */
  readonly ends: string;
  readonly flowId: string;
  /** 0 where no request was decoded, and so is the function code. */
  readonly unit: number;
  readonly functionCode: number;
  readonly address: number | undefined;
  readonly reason: Reason;
  /** Passed all the same, in an audit stage. */
  readonly audit: boolean;
}

/** Kinds of refusals that are kept apart within one window; further ones are summed per flow and reason. */
export const KindsPerWindow = 64;

/** Kinds that are kept apart while nobody takes them. */
export const MostKinds = 1024;

/** An empty window. While what it holds is put back again and again, it keeps more kinds apart: up to {@link MostKinds}. */
export function createRefusalWindow(kinds: number = KindsPerWindow): RefusalWindow {
  let room = kinds;
  let gathered = 0;
  let byEnds = new Map<string, Map<number, Gathered>>();
  let inOrder: Gathered[] = [];
  let sums = new Map<string, Gathered>();

  function add(kind: RefusalKind, report: () => RefusalReport, count = 1): void {
    const number = numberOf(kind);
    const known = byEnds.get(kind.ends)?.get(number);
    if (known !== undefined) {
      known.count += count;
    } else if (gathered < room) {
      const first = { first: report(), count };
      const ofEnds = byEnds.get(kind.ends) ?? new Map<number, Gathered>();
      byEnds.set(kind.ends, ofEnds.set(number, first));
      inOrder.push(first);
      gathered += 1;
    } else {
      addToSum(`${kind.flowId} ${kind.reason} ${kind.audit}`, report, count);
    }
  }

  function addToSum(key: string, report: () => RefusalReport, count: number): void {
    const known = sums.get(key);
    if (known === undefined) sums.set(key, { first: withoutRequest(report()), count });
    else known.count += count;
  }

  return {
    add: (kind, report) => add(kind, report),
    putBack: (report) => {
      const { flowId, reason, count, summed } = report;
      room = Math.min(Math.max(kinds, MostKinds), room + 1);
      if (summed) addToSum(`${flowId} ${reason} ${report.verdict === 'would-refuse'}`, () => report, count);
      else add(kindOf(report), () => report, count);
    },
    drain: (now) => {
      const reports = [...inOrder, ...sums.values()].map((one) => reportOf(one, now));
      room = kinds;
      gathered = 0;
      byEnds = new Map();
      inOrder = [];
      sums = new Map();
      return reports;
    },
  };
}

interface Gathered {
  readonly first: RefusalReport;
  count: number;
}

function reportOf({ first, count }: Gathered, now: number): RefusalReport {
  return { ...first, count, ...(count === 1 ? {} : { lastAt: Math.max(first.at, now) }) };
}

/** The part of a kind that stays the same on one connection. */
export function endsOf(flowId: string, client: string, server: string): string {
  return `${flowId} ${client} ${server}`;
}

function kindOf({
  flowId,
  client,
  server,
  unit,
  functionCode,
  address,
  reason,
  verdict,
}: RefusalReport): RefusalKind {
  return {
    ends: endsOf(flowId, client.address, server.address),
    flowId,
    unit: unit ?? 0,
    functionCode: functionCode ?? 0,
    address,
    reason,
    audit: verdict === 'would-refuse',
  };
}

/** All of a kind but its ends as one whole number, below 2^48: no text is made for each refusal of a flood. */
function numberOf({ unit, functionCode, address, reason, audit }: RefusalKind): number {
  const why = (places.get(reason) ?? 0) * 2 + (audit ? 1 : 0);
  return (why * 0x1_0001 + (address ?? -1) + 1) * 0x1_0000 + unit * 0x100 + functionCode;
}

const places = new Map(Object.keys(Reasons).map((code, index) => [code, index]));

function withoutRequest(report: RefusalReport): RefusalReport {
  const { at, flow, flowId, conduit, verdict, reason, count } = report;
  return {
    at,
    flow,
    flowId,
    conduit,
    verdict,
    reason,
    count,
    connection: '',
    client: Nobody,
    server: Nobody,
    clientAsset: '',
    serverAsset: '',
    summed: true,
    exceptionCode: 0,
    rule: '',
    file: '',
    line: 0,
    text: 'more kinds of refusals than are kept apart',
  };
}

const Nobody = { address: '', port: 0 } as const;
