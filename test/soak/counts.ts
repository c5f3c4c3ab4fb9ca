import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askEngine } from '../../gateway/cli/engine-client.ts';
import { MetricsBody, StatusBody } from '../../gateway/ipc/snapshot.ts';
import { decodeRecord } from '../../rules/record/codec.ts';
import type { EvidenceRecord } from '../../rules/record/record.ts';
import { scanSegment } from '../../rules/record/scan.ts';

/** What the gateway has counted since its engine began: what the metrics page renders. */
export async function countsOf(controlSocket: string): Promise<MetricsBody> {
  const answer = await askEngine(controlSocket, { kind: 'ask', id: 1, what: 'metrics' }, MetricsBody);
  if (!answer.ok) throw new Error(answer.sentence);
  return answer.body;
}

/** Who runs, and which shards each inspector has. */
export async function statusOf(controlSocket: string): Promise<StatusBody> {
  const answer = await askEngine(controlSocket, { kind: 'ask', id: 1, what: 'status' }, StatusBody);
  if (!answer.ok) throw new Error(answer.sentence);
  return answer.body;
}

/** Refusals of one flow, of one reason or of all. */
export function refusalsOf(counts: MetricsBody, flow: string, reason?: string): number {
  const refusals = counts.flows.filter(({ flowId }) => flowId === flow).flatMap((one) => one.refusals);
  return refusals
    .filter((one) => reason === undefined || one.reason === reason)
    .reduce((sum, { count }) => sum + count, 0);
}

/** Packets the kernel refused, of one reason or of all. */
export function droppedOf(counts: MetricsBody, reason?: string): number {
  return counts.drops
    .filter((one) => reason === undefined || one.reason === reason)
    .reduce((sum, { packets }) => sum + packets, 0);
}

/** What the evidence holds, added up. */
export interface EvidenceSum {
  readonly records: number;
  /** Requests that inspectors refused, and responses they put aside. */
  readonly refusals: number;
  /** Packets the kernel refused and the log reader saw. */
  readonly drops: number;
  /** Records and packets that `gap` records say are missing, by what is missing. */
  readonly gaps: ReadonlyMap<string, number>;
  readonly acts: ReadonlyMap<string, number>;
  /** Connections that ended more than a year from now, by the clock of the gateway. */
  readonly ahead: number;
}

/** Adds up an evidence log while it is written; what was given up for room before it was read is in no sum. */
export interface EvidenceReader {
  /** Reads what is new. */
  readonly read: () => EvidenceSum;
}

/** @param directory of the segments, as this process sees it now */
export function readEvidence(directory: () => string): EvidenceReader {
  let refusals = 0;
  const gaps = new Map<string, number>();
  const acts = new Map<string, number>();
  let drops = 0;
  let records = 0;
  let ahead = 0;
  let next = 0;
  let segment = '';

  function take(record: EvidenceRecord): void {
    if (record.kind === 'refusal') refusals += record.count;
    else if (record.kind === 'drop') drops += record.packets;
    else if (record.kind === 'connection') ahead += isAhead(record.endedAt) ? 1 : 0;
    else if (record.kind === 'connections') ahead += isAhead(record.lastAt) ? 1 : 0;
    else if (record.kind === 'act') {
      add(acts, record.act.kind, 1);
      if (record.act.kind === 'gap') add(gaps, record.act.what, record.act.records);
    }
  }

  return {
    read: () => {
      const folder = directory();
      const names = readdirSync(folder)
        .filter((name) => /^\d{8}\.seg$/.test(name) && name >= segment)
        .sort();
      for (const name of names) {
        const scanned = scanSegment(readFileSync(join(folder, name)));
        if (scanned.header === undefined) continue;
        segment = name;
        let sequence = scanned.header.firstSequence;
        for (const { type, payload } of scanned.records) {
          if (sequence >= next) {
            const decoded = decodeRecord(type, payload);
            if (decoded.ok) take(decoded.record);
            records += 1;
            next = sequence + 1;
          }
          sequence += 1;
        }
      }
      return { records, refusals, drops, gaps, acts, ahead };
    },
  };
}

function isAhead(time: number): boolean {
  return time > Date.now() + Year;
}

function add(into: Map<string, number>, key: string, count: number): void {
  into.set(key, (into.get(key) ?? 0) + count);
}

/** Milliseconds. */
const Year = 365 * 24 * 3_600_000;
