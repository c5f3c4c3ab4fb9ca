import type { MetricsBody } from '../ipc/snapshot.ts';
import type { MetricFamilies } from './metrics.ts';

/** Open grants that get series of their own; whoever has more of them at once has other worries. */
const MostGrants = 10;

/** Vendors' granted sessions. Nobody is named: metrics go to people who need not know who it was. */
export function writeGrants(family: MetricFamilies, { grants }: MetricsBody): void {
  family.gauge('grants_requested', 'Requests of vendors that wait for an answer', {}, grants.requested);
  family.gauge('grants_approved', 'Approved grants that wait for their conditions', {}, grants.approved);
  family.gauge('grants_open', 'Granted sessions open now', {}, grants.open.length);
  family.counter('grants_opened_total', 'Granted sessions opened', {}, grants.opened);
  for (const { cause, count } of grants.closed) {
    family.counter('grants_closed_total', 'Granted sessions closed, by cause', { cause }, count);
  }
  for (const { grant, vendor, ...one } of grants.open.slice(0, MostGrants)) {
    const at = { grant, vendor };
    const bytes = 'Payload of a granted session, by the side it came from';
    family.gauge('grant_seconds_left', 'Time until a granted session ends', at, one.secondsLeft);
    family.gauge('grant_open_seconds', 'How long a granted session has been open', at, one.openFor);
    family.gauge('grant_channels', 'Connections in a granted session now', at, one.channels);
    family.counter('grant_bytes_total', bytes, { ...at, from: 'client' }, one.bytesFromClient);
    family.counter('grant_bytes_total', bytes, { ...at, from: 'server' }, one.bytesFromServer);
    family.counter('grant_writes_total', 'Writes in a granted session', at, one.writes);
    family.counter('grant_refused_total', 'Requests refused in a granted session', at, one.refused);
    const alone = 'Whether one person alone let it in, in an emergency';
    family.gauge('grant_break_glass', alone, at, one.breakGlass ? 1 : 0);
  }
}

/** The log as evidence, and the disk it is on. */
export function writeProof(family: MetricFamilies, { proof, disk, syslogBehind }: MetricsBody): void {
  if (syslogBehind !== undefined) {
    const behind = 'Records that the syslog collector may not have yet';
    family.gauge('syslog_behind_records', behind, {}, syslogBehind);
  }
  family.gauge('evidence_signed_records', 'Records the newest checkpoint covers', {}, proof.signedSize);
  family.gauge('evidence_witnessed_records', 'Records somebody else has cosigned', {}, proof.witnessedSize);
  family.gauge('evidence_history_records', 'Records of the history that goes on', {}, proof.size);
  const age = 'When the newest checkpoint was made';
  family.gauge('evidence_checkpoint_timestamp_seconds', age, {}, proof.checkpointAt / 1000);
  const broken = 'Whether evidence keeps vendors from being let in';
  family.gauge('evidence_broken', broken, {}, proof.broken === '' ? 0 : 1);
  family.gauge('evidence_max_bytes', 'Budget of the evidence log', {}, proof.maxBytes);
  const kept = 'Share of the budget taken by what is never given up';
  family.gauge('evidence_kept_ratio', kept, {}, proof.keptPercent / 100);
  family.gauge('state_disk_bytes', 'Size of the file system with state and evidence', {}, disk.bytes);
  family.gauge('state_disk_free_bytes', 'What is free of it', {}, disk.free);
}
