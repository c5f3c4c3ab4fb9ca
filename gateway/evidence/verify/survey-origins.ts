import { followKeys, type KeyChange, parseHandover, sameKey } from '../../../rules/evidence/handover.ts';
import { formatKey, type NoteKey } from '../../../rules/evidence/note.ts';
import { decodeRecord } from '../../../rules/record/codec.ts';
import { decodeHeader, HeaderSize, readFrame } from '../../../rules/record/segment.ts';
import type { CryptoTools } from './crypto-tools.ts';
import type { Find } from './finding.ts';
import type { Beginning } from './held-checkpoints.ts';
import type { LogSource } from './log-source.ts';
import type { ActOf } from './told.ts';
import type { Trust } from './verify-note.ts';

/** The histories of a log, and the keys among those it was signed with that the trusted one leads to, in order. */
export interface SurveyedOrigins {
  readonly origins: readonly Beginning[];
  readonly keys: readonly NoteKey[];
}

interface Start {
  readonly base: number;
  readonly act: ActOf<'originStarted'>;
  readonly change: (KeyChange & { readonly head: string }) | undefined;
}

/** The first history has the name of the key, each later one begins with an act that says so, and may change the key. */
export async function surveyOrigins(
  source: LogSource,
  { key }: Trust,
  tools: CryptoTools,
  find: Find,
): Promise<SurveyedOrigins> {
  const starts = await readStarts(source, tools);
  const changes = starts.flatMap(({ change }) => (change === undefined ? [] : [change]));
  const keys = followKeys(changes, key, tools.ed25519);
  const isTrusted = (one: NoteKey): boolean => keys.some((known) => sameKey(known, one));
  let own = changes[0]?.former ?? key;
  const origins: Beginning[] = [{ origin: own.name, base: 0, former: '' }];
  for (const { base, act, change } of starts) {
    const { origin, why, former, handover } = act;
    if (handover !== '') own = tellChange(base, change, isTrusted, find) ?? own;
    const isOwn = change === undefined ? origin.startsWith(`${own.name}/`) : origin === own.name;
    if (origins.some((one) => one.origin === origin) || !isOwn) {
      find('origin-unsaid', base, `The history ${origin} begins under a name that is not its own.`);
    }
    find('origin-followed', base, `The log goes on as ${origin}: ${why}.`);
    origins.push({ origin, base, former });
  }
  return { origins, keys };
}

async function readStarts(source: LogSource, { sha256 }: CryptoTools): Promise<readonly Start[]> {
  const starts: Start[] = [];
  for (const segment of source.segments) {
    const bytes = await source.readStart(segment);
    const header = decodeHeader(bytes);
    const first = readFrame(bytes, HeaderSize);
    const decoded = first.ok ? decodeRecord(first.frame.type, first.frame.payload) : undefined;
    if (!header.ok || decoded?.ok !== true) continue;
    const { record } = decoded;
    if (record.kind !== 'act' || record.act.kind !== 'originStarted') continue;
    const { act } = record;
    starts.push({ base: header.header.firstSequence, act, change: parseHandover(act.handover, sha256) });
  }
  return starts;
}

/** @returns the key the log goes on with */
function tellChange(
  base: number,
  change: Start['change'],
  isTrusted: (key: NoteKey) => boolean,
  find: Find,
): NoteKey | undefined {
  if (change === undefined) {
    find('key-wrong', base, 'The log goes on with another key, and what says so cannot be read.');
    return undefined;
  }
  const { former, next } = change;
  if (isTrusted(former) && isTrusted(next)) {
    const sentence = `The key ${former.name} handed over: from here on the log is signed with ${formatKey(next)}.`;
    find('key-followed', base, sentence);
  } else if (isTrusted(former)) {
    find(
      'key-wrong',
      base,
      `The log goes on with the key ${next.name}, which ${former.name} did not hand over to.`,
    );
  }
  return next;
}
