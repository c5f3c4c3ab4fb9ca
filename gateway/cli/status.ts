import { readConfig } from '../config.ts';
import type { StatusBody } from '../ipc/snapshot.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine } from './engine-client.ts';

/**
 * `penstock status`: what the running gateway enforces and how it is.
 * @returns 0 when it enforces a policy without alarms, 1 otherwise
 */
export async function status(options: { readonly config: string; readonly json?: boolean }): Promise<number> {
  const answer = await askEngine(controlSocket(readConfig(options.config)), {
    kind: 'ask',
    id: 1,
    what: 'status',
  });
  if (answer.kind !== 'answer') {
    console.error(`${answer.code} ${answer.sentence}\n  ${answer.remedy}`);
    return 1;
  }
  const body = answer.body as StatusBody;
  console.log(options.json === true ? JSON.stringify(body) : describe(body));
  return body.policyVersion > 0 && body.alarms.length === 0 ? 0 : 1;
}

function describe(body: StatusBody): string {
  const policy =
    body.policyVersion === 0
      ? 'no policy: everything stays closed'
      : `policy version ${body.policyVersion} since ${when(body.activatedAt)}, valid until ${when(body.notAfter)}`;
  const inspectors = body.inspectors
    .map(({ pid, shards, spare }) => `${pid} ${spare ? 'spare' : `shards ${shards.join(' ')}`}`)
    .join(', ');
  return [
    `${body.site} ${body.gateway}  ${body.backEnd} back end  ${policy}`,
    `inspectors  ${inspectors === '' ? 'none' : inspectors}`,
    `nft child   ${body.nftChild}`,
    `evidence    ${body.evidence.records} records, ${body.evidence.bytes} bytes${body.evidence.failing === '' ? '' : `, failing: ${body.evidence.failing}`}`,
    ...body.alarms.map((alarm) => `alarm       ${alarm.code} ${alarm.sentence}`),
    ...(body.lastRejection === undefined
      ? []
      : [
          `refused     ${when(body.lastRejection.at)} ${body.lastRejection.code} ${body.lastRejection.message}`,
        ]),
  ].join('\n');
}

function when(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
