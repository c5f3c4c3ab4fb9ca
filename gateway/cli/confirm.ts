import { readConfig } from '../config.ts';
import { SettledBody } from '../ipc/snapshot.ts';
import { controlSocket } from '../run/processes.ts';
import { nameVersion } from './apply.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import { ExitStatus } from './output.ts';
import { requirePerson } from './person.ts';

export interface SettleOptions {
  readonly config: string;
  readonly by?: string;
  readonly json?: boolean;
}

/**
 * `penstock confirm`: the policy in force stays.
 * @returns 0 when it does, 1 when there was nothing to confirm or it could not be put on record
 */
export function confirm(options: SettleOptions): Promise<number> {
  return settle('confirm', options, ({ version, digest }) => `${nameVersion(version, digest)} is confirmed`);
}

/**
 * `penstock rollback`: gives up a policy that is not confirmed; else goes back to the one confirmed before the one
 * in force.
 * @returns 0 when it is in force, 1 when there is none or it cannot be put into force
 */
export function rollback(options: SettleOptions): Promise<number> {
  return settle('rollback', options, ({ version, digest, formerVersion, formerDigest }) => {
    const now =
      digest === ''
        ? 'no policy is in force, everything is shut'
        : `${nameVersion(version, digest)} is in force again`;
    return `${now}; before: ${nameVersion(formerVersion, formerDigest)}`;
  });
}

async function settle(
  kind: 'confirm' | 'rollback',
  options: SettleOptions,
  describe: (body: SettledBody) => string,
): Promise<number> {
  const by = requirePerson(options.by);
  const socket = controlSocket(readConfig(options.config));
  const answer = await askEngine(socket, { kind, id: 1, by }, SettledBody);
  if (options.json === true) {
    const { ok: _, ...problem } = answer;
    console.log(JSON.stringify(answer.ok ? answer.body : problem));
  } else if (answer.ok) console.log(describe(answer.body));
  else explainNoAnswer(answer);
  return answer.ok ? ExitStatus.good : ExitStatus.refused;
}
