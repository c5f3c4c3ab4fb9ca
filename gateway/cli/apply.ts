import { MaxEnvelopeBytes } from '../../rules/bundle/envelope.ts';
import { readConfig } from '../config.ts';
import { LongestConfirmWindow } from '../ipc/messages.ts';
import { AppliedBody } from '../ipc/snapshot.ts';
import { controlSocket } from '../run/processes.ts';
import { askEngine, explainNoAnswer } from './engine-client.ts';
import { ExitStatus, readNamedFile, UsageError } from './output.ts';
import { findPerson } from './person.ts';
import { readTimeSpan } from './time-span.ts';

export interface ApplyOptions {
  readonly config: string;
  /** `120s`, `5min`; {@link DefaultWindow} where it is not given. */
  readonly confirmWithin?: string;
  /** For automation: what comes into force stays. */
  readonly confirmNow?: boolean;
  readonly dryRun?: boolean;
  readonly by?: string;
  readonly json?: boolean;
}

/**
 * `penstock apply BUNDLE`: hands a signed bundle to the running gateway and says what it replaced, and until when
 * it must be confirmed.
 * @returns 0 when it is in force or a dry run found nothing, 1 when it was refused; the running policy stays then
 */
export async function apply(file: string, options: ApplyOptions): Promise<number> {
  const confirmWithin = readWindow(options);
  const bytes = readNamedFile(file);
  if (bytes.length > MaxEnvelopeBytes) {
    const size = `${file} has ${bytes.length} bytes, a bundle at most ${MaxEnvelopeBytes}.`;
    throw new UsageError(size, 'Name a bundle that penstock compile wrote.');
  }
  const socket = controlSocket(readConfig(options.config));
  const asked = {
    kind: 'apply',
    id: 1,
    envelope: bytes.toString('base64'),
    by: findPerson(options.by),
    confirmWithin,
    dryRun: options.dryRun === true,
  } as const;
  const answer = await askEngine(socket, asked, AppliedBody);
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

/** `policy version 42 (0123456789ab)`, or that there is none. */
export function nameVersion(version: number, digest: string): string {
  return digest === '' ? 'no policy' : `policy version ${version} (${digest.slice(0, 12)})`;
}

function readWindow({ confirmWithin, confirmNow, dryRun }: ApplyOptions): number {
  const given = [confirmWithin !== undefined, confirmNow === true, dryRun === true];
  if (given.filter(Boolean).length > 1) {
    const sentence = '--confirm-within, --confirm-now and --dry-run exclude each other.';
    throw new UsageError(sentence, 'Give one of them at most.');
  }
  if (confirmNow === true || dryRun === true) return 0;
  if (confirmWithin === undefined) return DefaultWindow;
  const window = readTimeSpan(confirmWithin) ?? 0;
  if (window > 0 && window <= LongestConfirmWindow) return window;
  throw new UsageError(
    `--confirm-within ${confirmWithin} is no time between 1 s and a day.`,
    'Write it as 120s, 5min or 1h.',
  );
}

function describe(body: AppliedBody): string {
  const now = nameVersion(body.version, body.digest);
  const before = `before: ${nameVersion(body.formerVersion, body.formerDigest)}`;
  if (!body.inForce) return `${now} could be put into force; ${testText(body)}nothing was changed`;
  if (body.formerDigest === body.digest)
    return `${now} was in force already and has been put into force again`;
  const said = `${now} is in force; ${testText(body)}${before}`;
  if (body.confirmWithin === 0) return said;
  const back =
    body.formerDigest === ''
      ? 'everything is shut again'
      : `version ${body.formerVersion} comes back by itself`;
  const span = `${body.confirmWithin / 1000} s`;
  return `${said}
  It is not confirmed: in ${span} ${back}.
  To keep it:        penstock confirm
  To give it up now: penstock rollback`;
}

function testText({ testsRun, testsLeft }: AppliedBody): string {
  if (testsRun + testsLeft === 0) return '';
  const left = testsLeft === 0 ? '' : `, ${testsLeft} left out because they depend on the hour`;
  return `${testsRun} of its tests hold${left}; `;
}

/** Milliseconds. */
const DefaultWindow = 120_000;
