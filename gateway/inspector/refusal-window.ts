import type { RefusalReport } from '../ipc/reports.ts';

/** Gathers refusals until they are drained, so that a flood of them costs a bounded number of records. */
export interface RefusalWindow {
  /**
   * `report.count` is what it stands for, usually 1; the first one of a kind gives the details. `alternative` is
   * asked for the first of a kind alone: it costs more than the refusal, and a flood must not pay for it.
   */
  readonly add: (report: RefusalReport, alternative?: () => string | undefined) => void;
  /** What was gathered since the last call, counts exact, oldest kind first. */
  readonly drain: () => RefusalReport[];
}

/** Kinds of refusals that are kept apart within one window; further ones are summed per flow and reason. */
export const KindsPerWindow = 64;

/**
 * An empty window. Two refusals are of one kind when flow, addresses of client and server, unit, function
 * code, register address, reason and verdict agree: whoever polls a forbidden register makes one report,
 * and whoever walks through all of them makes {@link KindsPerWindow} and one more.
 */
export function createRefusalWindow(kinds: number = KindsPerWindow): RefusalWindow {
  let gathered = new Map<string, Gathered>();
  let sums = new Map<string, Gathered>();
  return {
    add: (report, alternative) => {
      const key = kindOf(report);
      if (gathered.size < kinds || gathered.has(key)) {
        count(gathered, key, report, (first) => withAlternative(first, alternative?.()));
      } else {
        count(sums, `${report.flowId} ${report.reason} ${report.verdict}`, report, withoutRequest);
      }
    },
    drain: () => {
      const all = [...gathered.values(), ...sums.values()];
      const reports = all.map(({ first, count }) => ({ ...first, count }));
      gathered = new Map();
      sums = new Map();
      return reports;
    },
  };
}

function kindOf(report: RefusalReport): string {
  const { flowId, client, server, unit, functionCode, address, reason, verdict } = report;
  return [flowId, client.address, server.address, unit, functionCode, address, reason, verdict].join(' ');
}

interface Gathered {
  readonly first: RefusalReport;
  count: number;
}

function count(
  into: Map<string, Gathered>,
  key: string,
  report: RefusalReport,
  describe: (first: RefusalReport) => RefusalReport,
): void {
  const known = into.get(key);
  if (known === undefined) into.set(key, { first: describe(report), count: report.count });
  else known.count += report.count;
}

function withAlternative(report: RefusalReport, alternative: string | undefined): RefusalReport {
  return alternative === undefined ? report : { ...report, alternative };
}

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
