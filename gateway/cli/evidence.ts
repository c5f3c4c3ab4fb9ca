import { describeRecord, describeTime, recordTime } from '../evidence/describe-record.ts';
import { type LogEntry, readLog } from '../evidence/read-log.ts';
import { grantOf } from '../evidence/verify/select-session.ts';
import { ExitStatus, UsageError } from './output.ts';

export interface ShowOptions {
  readonly json?: boolean;
  /** Only what belongs to this grant. */
  readonly grant?: string;
  /** Only what happened from then on. */
  readonly since?: string;
}

/**
 * `penstock evidence show DIR`: every record in order, one line each, and what is wrong with the log.
 * Reads only, also while the gateway writes.
 * @returns 0 when the log is whole, 1 when something in it is damaged or missing, 3 when it cannot be read
 */
export async function showEvidence(directory: string, options: ShowOptions): Promise<number> {
  const print = options.json === true ? printJson : printLine;
  const since = options.since === undefined ? Number.NEGATIVE_INFINITY : givenTime(options.since);
  const judge = createJudge();
  try {
    for await (const entry of readLog(directory)) {
      if (isWanted(entry, options.grant, since)) print(entry);
      judge.take(entry);
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    const why = cause.code === 'ENOENT' ? 'there is no such directory' : cause.message;
    console.error(`${directory} holds no evidence that can be read: ${why}.`);
    console.error('  Name the directory evidence under the state directory of gateway.yaml.');
    return ExitStatus.system;
  }
  return judge.isWhole() ? ExitStatus.good : ExitStatus.refused;
}

/**
 * A log that gave up segments says so in acts, and the end of one being written may be torn; all other
 * holes are findings.
 */
function createJudge(): { take: (entry: LogEntry) => void; isWhole: () => boolean } {
  let damaged = false;
  let missing = 0;
  let removed = 0;
  return {
    take: (entry) => {
      if (entry.kind === 'fault' && entry.fault.kind === 'damage') damaged = true;
      if (entry.kind === 'unknown') damaged = true;
      if (entry.kind === 'missing') missing += entry.to - entry.from;
      if (entry.kind !== 'record' || entry.record.kind !== 'act') return;
      if (entry.record.act.kind === 'removed') removed += entry.record.act.records;
      if (entry.record.act.kind === 'damage') damaged = true;
    },
    // A segment may be gone whose act is not: the act is written first.
    isWhole: () => !damaged && missing <= removed,
  };
}

/** What is wrong with the log is told whatever was asked for. */
function isWanted(entry: LogEntry, grant: string | undefined, since: number): boolean {
  if (entry.kind !== 'record') return true;
  return recordTime(entry.record) >= since && (grant === undefined || grantOf(entry.record) === grant);
}

function givenTime(text: string): number {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`“${text}” is no time.`, 'Write it like 2026-11-21T07:00:00Z or 2026-11-21.');
}

function printLine(entry: LogEntry): void {
  switch (entry.kind) {
    case 'record':
      return console.log(
        `${String(entry.sequence).padStart(8)}  ${describeTime(recordTime(entry.record))}  ${describeRecord(entry.record)}`,
      );
    case 'unknown':
      return console.log(`${String(entry.sequence).padStart(8)}  ${entry.problem}`);
    case 'fault':
      return console.log(
        `!! segment ${entry.segment}, byte ${entry.fault.offset}: ${entry.fault.problem} (${entry.fault.kind})`,
      );
    case 'missing':
      return console.log(`!! records ${entry.from} to ${entry.to - 1} are not here`);
  }
}

function printJson(entry: LogEntry): void {
  console.log(JSON.stringify(entry, (_, value) => (value instanceof Uint8Array ? hex(value) : value)));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
