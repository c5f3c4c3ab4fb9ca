import { MaxEnvelopeBytes } from '../../rules/bundle/envelope.ts';
import { readConfig } from '../config.ts';
import { AppliedBody } from '../ipc/snapshot.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import { ExitStatus, readNamedFile, UsageError } from './output.ts';

/**
 * `penstock apply BUNDLE`: hands a signed bundle to the running gateway and says what it replaced.
 * @returns 0 when it is in force, 1 when it was refused; the running policy stays then
 */
export async function apply(
  file: string,
  options: { readonly config: string; readonly json?: boolean },
): Promise<number> {
  const bytes = readNamedFile(file);
  if (bytes.length > MaxEnvelopeBytes) {
    const size = `${file} has ${bytes.length} bytes, a bundle at most ${MaxEnvelopeBytes}.`;
    throw new UsageError(size, 'Name a bundle that penstock compile wrote.');
  }
  const envelope = bytes.toString('base64');
  const socket = controlSocket(readConfig(options.config));
  const answer = await askEngine(socket, { kind: 'apply', id: 1, envelope }, AppliedBody);
  if (options.json === true) {
    const { ok: _, ...problem } = answer;
    console.log(JSON.stringify(answer.ok ? answer.body : problem));
  } else if (answer.ok) {
    console.log(describe(answer.body));
  } else {
    explainNoAnswer(answer);
    console.error('  The running policy stays.');
  }
  return answer.ok ? ExitStatus.good : ExitStatus.refused;
}

function describe({ version, digest, formerVersion, formerDigest }: AppliedBody): string {
  const now = `policy version ${version} (${short(digest)})`;
  if (formerDigest === digest) return `${now} was in force already and has been put into force again`;
  const before =
    formerDigest === ''
      ? 'nothing was in force before'
      : `before: version ${formerVersion} (${short(formerDigest)})`;
  return `${now} is in force; ${before}`;
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
