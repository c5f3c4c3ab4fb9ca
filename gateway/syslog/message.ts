import type { EvidenceRecord } from '../../rules/record/record.ts';
import { describeRecord, recordTime } from '../evidence/describe-record.ts';
import { grantOf } from '../evidence/verify/select-session.ts';
import { requirementOf } from './requirement.ts';

/** Whose messages they are, RFC 5424 §6.2.4 and §6.2.5. */
export interface Sender {
  readonly host: string;
  readonly site: string;
}

/** Whether a record is told to others: what was done, refused or found; not what the plant does all day. */
export function isTold(record: EvidenceRecord): boolean {
  return !Untold.has(record.kind);
}

/**
 * A record as one syslog message, RFC 5424: its sequence number in the log, its requirement of IEC 62443-3-3 and its
 * grant as structured data, its sentence in UTF-8 behind a byte order mark as §6.4 wants it.
 */
export function formatMessage(sequence: number, record: EvidenceRecord, { host, site }: Sender): string {
  const priority = Facility * 8 + severityOf(record);
  const time = timestamp(recordTime(record));
  const grant = grantOf(record);
  const data = [
    parameter('seq', String(sequence)),
    parameter('sr', requirementOf(record)),
    parameter('site', site),
    ...(grant === '' ? [] : [parameter('grant', grant)]),
    ...('reason' in record && record.reason !== '' ? [parameter('reason', record.reason)] : []),
    ...('conduit' in record ? [parameter('conduit', record.conduit)] : []),
  ].join(' ');
  const name = record.kind === 'act' ? record.act.kind : record.kind;
  const words = describeRecord(record).slice(0, MostLetters);
  return `<${priority}>1 ${time} ${header(host, 255)} penstock - ${header(name, 32)} [${DataId} ${data}] \ufeff${words}`;
}

/** A message as it goes over TLS, RFC 5425 §4.3: its length in bytes, a space, itself. */
export function frameMessage(message: string): Buffer {
  const bytes = Buffer.from(message);
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes]);
}

/** RFC 5424 §6.2.1: 1 alert, 2 critical, 4 warning, 5 notice. */
function severityOf(record: EvidenceRecord): number {
  if (record.kind === 'refusal' || record.kind === 'drop') return Warning;
  if (record.kind === 'operation') return record.outcome === 'passed' ? Notice : Warning;
  if (record.kind !== 'act') return Notice;
  const { act } = record;
  if (act.kind === 'alarmChanged') return act.raised ? Alert : Notice;
  if (act.kind === 'grantApproved') return act.means === 'break-glass' ? Alert : Notice;
  if (Grave.has(act.kind)) return Critical;
  return Warned.has(act.kind) ? Warning : Notice;
}

/** RFC 5424 §6.2.3; a time that no such text can tell is `-`. */
function timestamp(at: number): string {
  return at >= 0 && at <= LastTime ? new Date(at).toISOString() : '-';
}

/** Letters that must be escaped in a value, RFC 5424 §6.3.3. */
function parameter(name: string, value: string): string {
  return `${name}="${value.replaceAll(/["\\\]]/g, '\\$&')}"`;
}

/** Printable ASCII without spaces, RFC 5424 §6; `-` where nothing is left. */
function header(text: string, most: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, most) || '-';
}

/** The end of the year 9999, milliseconds since the Unix epoch. */
const LastTime = 253_402_300_799_999;

const Alert = 1;
const Critical = 2;
const Warning = 4;
const Notice = 5;

/** Log audit, RFC 5424 §6.2.1. */
const Facility = 13;

/** 32473 is set aside for examples (RFC 5612): this project has no number of its own. */
const DataId = 'penstock@32473';

const Grave: ReadonlySet<string> = new Set(['damage', 'originStarted', 'gap', 'tableChanged']);
const Warned: ReadonlySet<string> = new Set([
  'processDied',
  'tornTail',
  'bundleRefused',
  'bundleRolledBack',
  'signInRefused',
  'grantRefused',
  'channelRefused',
  'evidenceQuota',
  'modeSwitched',
]);

const Untold: ReadonlySet<EvidenceRecord['kind']> = new Set(['connection', 'connections', 'chunk']);

/** RFC 5425 §4.3.1 asks receivers to take 8 192 bytes. */
const MostLetters = 2_000;
