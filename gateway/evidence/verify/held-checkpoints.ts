import { sameActs } from '../../../rules/evidence/checkpoint.ts';
import type { NoteKey } from '../../../rules/evidence/note.ts';
import { sameHash } from '../../../rules/evidence/tree.ts';
import type { CryptoTools } from './crypto-tools.ts';
import type { Find } from './finding.ts';
import type { LogSource } from './log-source.ts';
import { type GoodCheckpoint, type Trust, trustFor, verifyNote } from './verify-note.ts';

/** A checkpoint with a good signature, what it is called, and whether whoever verifies had kept it. */
export interface HeldCheckpoint extends GoodCheckpoint {
  readonly name: string;
  readonly kept: boolean;
}

/** Where a history of a log begins. */
export interface Beginning {
  readonly origin: string;
  readonly base: number;
  /** The last checkpoint of the history before, or empty. */
  readonly former: string;
}

/** Every checkpoint at hand whose signature is good; two that cannot both be true are found. */
export function gatherCheckpoints(
  { notes }: LogSource,
  origins: readonly Beginning[],
  since: readonly string[],
  trust: Trust & { readonly keys: readonly NoteKey[] },
  tools: CryptoTools,
  find: Find,
): readonly HeldCheckpoint[] {
  const texts = [
    ...notes.map(({ name, text }) => ({ name: `the file ${name}`, text, kept: false })),
    ...origins
      .filter(({ former }) => former !== '')
      .map(({ origin, former }) => ({ name: `the checkpoint before ${origin}`, text: former, kept: false })),
    ...since.map((text) => ({ name: 'the checkpoint you kept', text, kept: true })),
  ];
  const held: HeldCheckpoint[] = [];
  for (const { name, text, kept } of texts) {
    const good = verifyNote(text, name, trustFor(text, trust), tools, find);
    if (good === undefined) continue;
    const other = held.find((one) => contradicts(one, good));
    if (other !== undefined) {
      const { size } = good.head;
      find(
        'two-roots',
        undefined,
        `The box signed two different logs of ${size} records: ${other.name} and ${name}.`,
      );
    }
    held.push({ ...good, name, kept });
  }
  return held;
}

/** Two logs of one size. One that an older release signed says nothing of the acts, and so contradicts none. */
function contradicts({ head: one }: GoodCheckpoint, { head: other }: GoodCheckpoint): boolean {
  if (one.origin !== other.origin || one.size !== other.size) return false;
  if (!sameHash(one.root, other.root)) return true;
  return one.acts !== undefined && other.acts !== undefined && !sameActs(one.acts, other.acts);
}
