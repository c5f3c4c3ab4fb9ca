import { type Reason, Reasons } from '../../rules/reason.ts';
import type {
  Act,
  ConnectionRecord,
  ConnectionsRecord,
  DropRecord,
  EvidenceRecord,
  Party,
  RefusalRecord,
} from '../../rules/record/record.ts';
import { describeAccess, describeChunk, describeOperation } from './describe-access.ts';
import { describeLife } from './describe-life.ts';

/** One line about a record for people, without its time. Control characters in names are made visible. */
export function describeRecord(record: EvidenceRecord): string {
  return visible(words(record));
}

/** The time a record is filed under: when it, or the first thing it counts, happened or ended. */
export function recordTime(record: EvidenceRecord): number {
  switch (record.kind) {
    case 'connection':
      return record.endedAt;
    case 'connections':
      return record.lastAt;
    case 'refusal':
    case 'drop':
      return record.firstAt;
    case 'act':
    case 'operation':
      return record.at;
    case 'chunk':
      return record.firstAt;
  }
}

function words(record: EvidenceRecord): string {
  switch (record.kind) {
    case 'connection':
      return connectionWords(record);
    case 'connections':
      return connectionsWords(record);
    case 'refusal':
      return refusalWords(record);
    case 'drop':
      return dropWords(record);
    case 'act':
      return actWords(record.act);
    case 'operation':
      return describeOperation(record);
    case 'chunk':
      return describeChunk(record);
  }
}

function connectionWords(record: ConnectionRecord): string {
  const { client, server, flow, requests, responses, refused, wouldRefuse, reason, startedAt, endedAt } =
    record;
  const audit = wouldRefuse === 0 ? '' : `, ${wouldRefuse} passed under audit`;
  return (
    `connection ${name(client)} -> ${name(server)} ${flow} ${((endedAt - startedAt) / 1000).toFixed(1)} s ` +
    `${requests} requests ${record.bytesFromClient} B, ${responses} responses ${record.bytesFromServer} B, ` +
    `${refused} refused${audit}; ${reason}`
  );
}

function connectionsWords(record: ConnectionsRecord): string {
  const { client, server, flow, count, requests, responses, refused, wouldRefuse, reason } = record;
  const many = count === 1 ? '1 connection' : `${count} connections`;
  const who =
    record.foldedKinds > 0 ? `at least ${record.foldedKinds} kinds` : `${name(client)} -> ${name(server)}`;
  const audit = wouldRefuse === 0 ? '' : `, ${wouldRefuse} passed under audit`;
  return (
    `${many} ${who} ${flow} ${requests} requests ${record.bytesFromClient} B, ` +
    `${responses} responses ${record.bytesFromServer} B, ${refused} refused${audit}; ${reason || 'several reasons'}`
  );
}

function refusalWords(record: RefusalRecord): string {
  const { client, server, flow, text, reason, count, verdict, permission, file, line, foldedKinds } = record;
  const who = foldedKinds > 0 ? `at least ${foldedKinds} kinds` : `${name(client)} -> ${name(server)}`;
  const rule = [permission, `${file}:${line}`].filter((part) => part !== '').join(', ');
  const what = `${verdict} ${who} ${flow} ${text}: ${reason} (${rule})${times(count)}`;
  const sentences = [sentenceOf(reason), record.alternative ?? ''].filter((part) => part !== '');
  return sentences.length === 0 ? what : `${what}. ${sentences.join(' ')}`;
}

/** Empty for a code that another release had. */
function sentenceOf(reason: string): string {
  return isReason(reason) ? Reasons[reason].sentence : '';
}

function isReason(code: string): code is Reason {
  return Object.hasOwn(Reasons, code);
}

function dropWords({
  device,
  source,
  destination,
  protocol,
  reason,
  packets,
  foldedKinds,
  verdict,
}: DropRecord): string {
  const who = foldedKinds > 0 ? `at least ${foldedKinds} kinds` : `${name(source)} -> ${name(destination)}`;
  const what = verdict === 'would-refuse' ? 'passed under audit' : 'drop';
  return `${what} ${device} ${who} ${protocol}: ${reason}${times(packets)}`;
}

function actWords(act: Act): string {
  switch (act.kind) {
    case 'started':
      return `started ${act.site} ${act.gateway}, release ${act.release}, ${act.backEnd} back end`;
    case 'stopped':
      return `stopped: ${act.why}`;
    case 'bundleAccepted':
      return acceptedWords(act);
    case 'bundleConfirmed':
      return `bundle confirmed: policy version ${act.policyVersion}, ${hex(act.digest)}, by ${act.by}`;
    case 'bundleRolledBack':
      return rolledBackWords(act);
    case 'bundleRefused':
      return `bundle refused: ${act.code} ${act.message}, by ${act.by}`;
    case 'gap':
      return `gap: ${act.records} records, ${act.what}, ${describeTime(act.from)} to ${describeTime(act.to)}`;
    case 'processDied':
      return `process died: ${act.process} ${act.pid}, ${act.how}`;
    case 'tornTail':
      return `torn tail: ${act.bytes} bytes cut from segment ${act.segment} after a sudden stop`;
    case 'damage':
      return `damage: segment ${act.segment} at byte ${act.offset}, ${act.problem}`;
    case 'removed':
      return `removed for room: segment ${act.segment}, ${act.records} records from ${act.firstSequence}`;
    case 'modeSwitched':
      return `mode ${act.from} -> ${act.to}, ${flowCount(act.cut)} cut, by ${act.by}${whyWords(act)}`;
    case 'modeReopened':
      return `mode ${act.mode} is left, step ${act.step} of ${act.steps}: ${act.what}, ${flowCount(act.flows)}, by ${act.by}${whyWords(act)}`;
    case 'rehearsed':
      return rehearsedWords(act);
    case 'tableChanged':
      return `kernel table changed by others, ${act.putBack ? 'put back' : 'not put back yet'}: ${act.first} (${act.differences} differences)`;
    case 'originStarted':
      return `a new origin of the evidence, ${act.origin}: ${act.why}`;
    case 'witnessed':
      return `witnessed by ${act.witness}: ${act.size} records of ${act.origin}`;
    case 'evidenceQuota':
      return `evidence takes ${act.percent} % of its room, ${act.bytes} of ${act.maxBytes} bytes`;
    case 'alarmChanged':
      return `alarm ${act.raised ? 'raised' : 'over'}: ${act.code} ${act.sentence}`;
    case 'backedUp':
    case 'restored':
    case 'keyRotated':
    case 'trustChanged':
    case 'softwareUpdated':
      return describeLife(act, describeTime);
    default:
      return describeAccess(act, describeTime);
  }
}

function acceptedWords(act: Extract<Act, { kind: 'bundleAccepted' }>): string {
  const signed = act.signers.length === 0 ? '' : `, signed by ${act.signers.join(' and ')}`;
  const until = act.confirmWithin === 0 ? '' : `, to be confirmed within ${act.confirmWithin / 1000} s`;
  return `bundle accepted: policy version ${act.policyVersion}, ${hex(act.digest)}, by ${act.by}${signed}${until}`;
}

function rolledBackWords(act: Extract<Act, { kind: 'bundleRolledBack' }>): string {
  const to = act.toVersion === 0 ? 'to no policy' : `to version ${act.toVersion} (${hex(act.toDigest)})`;
  const by = act.by === '' ? '' : `, by ${act.by}`;
  return `bundle rolled back: policy version ${act.policyVersion} (${hex(act.digest)}) ${to}: ${act.why}${by}`;
}

function rehearsedWords(act: Extract<Act, { kind: 'rehearsed' }>): string {
  const { occasion, id, what, dry, mode, text, participants, by, digest } = act;
  const where = mode === '' ? '' : `, mode ${mode}${dry ? ', dry' : ''}`;
  const who = participants.length === 0 ? '' : `, with ${participants.join(', ')}`;
  const proof = digest.length === 0 ? '' : `, record ${hex(digest)}`;
  return `${occasion} ${id} ${what}${where}: ${text}${who}, by ${by}${proof}`;
}

function flowCount(flows: number): string {
  return flows === 1 ? '1 flow' : `${flows} flows`;
}

function whyWords({ why }: { readonly why: string }): string {
  return why === '' ? '' : `: ${why}`;
}

/** `hmi-1 10.20.0.11:49152`, or what of it is known. */
function name({ asset, address, port }: Party): string {
  const place = port === 0 ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  return [asset, place].filter((part) => part !== '').join(' ') || 'several';
}

function times(count: number): string {
  return count === 1 ? '' : ` ×${count}`;
}

/** ISO 8601 in UTC; the bare number where no calendar reaches. */
export function describeTime(at: number): string {
  return Number.isFinite(at) && Math.abs(at) <= LastDate ? new Date(at).toISOString() : String(at);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A name from elsewhere could else rewrite the terminal line it is shown on. */
function visible(text: string): string {
  return text.replace(
    ControlCharacters,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const ControlCharacters = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The last moment a Date can hold. */
const LastDate = 8.64e15;
