import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseTreeHead } from '../../../rules/evidence/checkpoint.ts';
import { parseNote } from '../../../rules/evidence/note.ts';
import { buildVerifierPage } from '../../evidence/verify/build-page.ts';
import { formatConsistency } from '../../evidence/verify/consistency-text.ts';
import { exportLog } from '../../evidence/verify/export-log.ts';
import type { LogSource } from '../../evidence/verify/log-source.ts';
import { makeSession } from '../../evidence/verify/make-session.ts';
import { nodeCrypto } from '../../evidence/verify/node-crypto.ts';
import { type KnownHistory, readKnownHistory } from '../../evidence/verify/read-known.ts';
import { formatSessionFile, type SessionPiece } from '../../evidence/verify/session-file.ts';
import { storedPieces } from '../../evidence/verify/stored-pieces.ts';
import { ExitStatus, UsageError, writeNamedFile } from '../output.ts';
import { givenLog, givenText } from './named.ts';

export interface ExportOptions {
  readonly out: string;
  readonly grant?: string;
  readonly since?: string;
  /** With a grant: its recording too, encrypted as it is stored. */
  readonly recording?: boolean;
  readonly json?: boolean;
}

/**
 * `penstock evidence export DIR --out OUT`: what can be carried away. Without more, the log itself, for storage that
 * is written once (62443-3-3 SR 3.9 RE1): again and again adds what is new. With `--grant` the evidence of one session
 * and the page that verifies it; with `--since` the proof that nothing vanished since that checkpoint.
 * @throws UsageError
 */
export async function exportEvidence(directory: string, options: ExportOptions): Promise<number> {
  const source = await givenLog(directory);
  makeDirectory(options.out);
  if (options.grant !== undefined) {
    const pieces =
      options.recording === true
        ? storedPieces(join(dirname(resolve(directory)), 'recordings'), options.grant)
        : [];
    return exportSession(source, options.grant, pieces, options);
  }
  if (options.since !== undefined) return exportGrowth(source, options.since, options);
  const { written, same, differing } = await exportLog(source, options.out);
  const told =
    options.json === true
      ? JSON.stringify({ written, same, differing })
      : exportLines({ written, same, differing });
  console.log(told);
  return differing.length > 0 ? ExitStatus.refused : ExitStatus.good;
}

async function exportSession(
  source: LogSource,
  grant: string,
  recordings: readonly SessionPiece[],
  { out, json }: ExportOptions,
): Promise<number> {
  const { checkpoint, handovers, tree, records } = await knownHistory(source, grant);
  const key = source.key.trim();
  const made = makeSession({ grant, key, checkpoint, handovers, tree, records, recordings });
  if (!made.ok)
    throw new UsageError(`There is no evidence of grant ${grant} to export: ${made.problem}.`, NotYet);
  const text = formatSessionFile(made.file);
  const files = [join(out, `${grant}.evidence`), join(out, `${grant}.html`)] as const;
  writeNamedFile(files[0], text);
  writeNamedFile(files[1], buildVerifierPage(text));
  console.log(
    json === true ? JSON.stringify({ files, records: made.file.records.length }) : files.join('\n'),
  );
  return ExitStatus.good;
}

async function exportGrowth(source: LogSource, since: string, { out, json }: ExportOptions): Promise<number> {
  const { head, checkpoint, tree } = await knownHistory(source);
  const former = parseTreeHead(parseNote(givenText(since))?.text ?? '');
  if (former === undefined)
    throw new UsageError('This is no checkpoint.', 'Give the text you kept, or its file.');
  const proof = former.origin === head.origin ? tree.consistency(former.size, head.size) : undefined;
  if (proof === undefined) {
    console.error(
      `The log cannot prove that it holds what you saw: ${former.size} records of ${former.origin}, and now ${head.size} of ${head.origin}.`,
    );
    return ExitStatus.refused;
  }
  const file = join(out, `consistency-${former.size}-${head.size}.txt`);
  writeNamedFile(file, formatConsistency({ old: former.size, proof, checkpoint }));
  console.log(json === true ? JSON.stringify({ files: [file], old: former.size, size: head.size }) : file);
  return ExitStatus.good;
}

async function knownHistory(source: LogSource, grant = ''): Promise<KnownHistory> {
  const read = await readKnownHistory(source, nodeCrypto.sha256, grant);
  if (read.ok) return read.known;
  throw new UsageError(
    `Nothing can be proved of this log: ${read.problem}.`,
    'Look with penstock evidence verify.',
  );
}

function exportLines({ written, same, differing }: Awaited<ReturnType<typeof exportLog>>): string {
  return [
    ...written.map((name) => `new     ${name}`),
    ...differing.map((name) => `!! ${name} is there with other content; it was not touched`),
    `${written.length} files written, ${same} were there already.`,
  ].join('\n');
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch {
    throw new UsageError(`${path} cannot be made.`, 'Choose a directory you may write.');
  }
}

const NotYet =
  'Look with penstock evidence show for grants; a session is covered once its checkpoint is made.';
