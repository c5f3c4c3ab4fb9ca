import { NormalMode } from '../../rules/admission/mode.ts';
import { formatTime } from '../../rules/time.ts';
import { readConfig } from '../config.ts';
import { StatusBody } from '../ipc/snapshot.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import { recoveryText, summariseMode } from './mode-text.ts';
import { ExitStatus } from './output.ts';
import { formatTable } from './table.ts';

/**
 * `penstock status`: what the running gateway enforces and how it is.
 * @returns 0 when it enforces a policy without alarms, 1 otherwise
 */
export async function status(options: { readonly config: string; readonly json?: boolean }): Promise<number> {
  const socket = controlSocket(readConfig(options.config));
  const answer = await askEngine(socket, { kind: 'ask', id: 1, what: 'status' }, StatusBody);
  if (!answer.ok) {
    explainNoAnswer(answer);
    return ExitStatus.refused;
  }
  const { body } = answer;
  console.log(options.json === true ? JSON.stringify(body) : describeStatus(body));
  return body.policyVersion > 0 && body.alarms.length === 0 ? ExitStatus.good : ExitStatus.refused;
}

/** The status for a terminal: what is enforced, by whom, and last what needs a person. */
export function describeStatus(body: StatusBody): string {
  const { alarms, now, startedAt } = body;
  const head = `${body.site} ${body.gateway}, ${body.backEnd} back end, up ${describeSpan(now - startedAt)}`;
  const facts = formatTable([
    ['policy', policyText(body)],
    ...(body.pending === undefined ? [] : [['unconfirmed', pendingText(body.pending, now)]]),
    ...modeRows(body),
    ...inspectorRows(body),
    ...(body.nftChild === 'none' ? [] : [['nft child', body.nftChild]]),
    ['evidence', evidenceText(body)],
    ...(body.lastRejection === undefined ? [] : [['last refused', rejectionText(body.lastRejection)]]),
    ...(body.lastRollback === undefined ? [] : [['last rollback', rollbackText(body.lastRollback)]]),
  ]);
  const last =
    alarms.length === 0
      ? 'no alarms'
      : `alarms\n${formatTable(alarms.map(({ code, sentence }) => ['', code, sentence]))}`;
  return `${head}\n\n${facts}\n\n${last}`;
}

function policyText({ policyVersion, policyDigest, activatedAt, notAfter }: StatusBody): string {
  if (policyVersion === 0) return 'none: nothing is opened';
  const until = `valid until ${formatTime(notAfter)}`;
  return `version ${policyVersion} (${policyDigest.slice(0, 12)}), in force since ${formatTime(activatedAt)}, ${until}`;
}

function modeRows({ mode }: StatusBody): readonly (readonly string[])[] {
  if (mode.name === NormalMode) return [];
  const cut = `${mode.cutFlows} flows cut`;
  const rows = [['mode', `${summariseMode(mode)} (${cut})`]];
  return mode.recovery === undefined ? rows : [...rows, ['', recoveryText(mode.recovery)]];
}

function inspectorRows({ inspectors }: StatusBody): readonly (readonly string[])[] {
  if (inspectors.length === 0) return [['inspectors', 'none']];
  return inspectors.map(({ pid, shards, spare, dataPath }, index) => [
    index === 0 ? 'inspectors' : '',
    `${pid} ${spare ? 'stands by' : shards.length === 0 ? 'is about to listen' : `carries shards ${shards.join(' ')}`}${dataPath === undefined ? '' : `, by ${dataPath}`}`,
  ]);
}

function evidenceText({ evidence: { records, bytes, lost } }: StatusBody): string {
  const held = `${records} records, ${(bytes / 1_048_576).toFixed(1)} MiB`;
  return lost === 0 ? held : `${held}, ${lost} lost`;
}

function rejectionText({ at, code, message }: NonNullable<StatusBody['lastRejection']>): string {
  return `${formatTime(at)}  ${code} ${message}`;
}

function pendingText({ by, until, toVersion }: NonNullable<StatusBody['pending']>, now: number): string {
  const back = toVersion === 0 ? 'everything is shut' : `version ${toVersion} comes back`;
  return `applied by ${by}; ${back} in ${Math.max(0, Math.ceil((until - now) / 1000))} s unless penstock confirm`;
}

function rollbackText({ at, version, toVersion, why, by }: NonNullable<StatusBody['lastRollback']>): string {
  const to = toVersion === 0 ? 'no policy' : `version ${toVersion}`;
  return `${formatTime(at)}  version ${version} to ${to}: ${why}${by === '' ? '' : ` By ${by}.`}`;
}

function describeSpan(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}
