import { parseTreeHead, sameActs } from '../../rules/evidence/checkpoint.ts';
import { parseNote } from '../../rules/evidence/note.ts';
import { sameHash } from '../../rules/evidence/tree.ts';
import type { Act } from '../../rules/record/record.ts';
import type { WitnessOutcome } from './evidence-state.ts';
import { openCheckpoint } from './signer.ts';
import type { LogInHand } from './take-up.ts';

/**
 * Takes a checkpoint that was brought back from a witness. Believes only what bears both our own signature and that
 * of a trusted witness: it is true of the history it names, so where the log does not bear it out, the log is not
 * that history any more. Rejects with the system's error.
 */
export async function takeWitnessed(
  text: string,
  hand: LogInHand,
  tell: (act: Act) => void,
): Promise<WitnessOutcome> {
  const note = parseNote(text);
  if (note === undefined || parseTreeHead(note.text) === undefined)
    return { ok: false, problem: 'unreadable' };
  const checkpoint = openCheckpoint(text, hand.key.key);
  if (checkpoint === undefined) return { ok: false, problem: 'not-signed' };
  const cosigners = hand.witnesses.cosigners(checkpoint);
  if (cosigners.length === 0) return { ok: false, problem: 'no-trusted-witness' };
  const { origin, size, root, acts } = checkpoint;
  if (!hand.knows(origin)) return { ok: false, problem: 'ahead' };
  if (origin !== hand.tree.origin().origin) return { ok: false, problem: 'other-history' };
  if (size > hand.tree.size()) return { ok: false, problem: 'ahead' };
  const held = await hand.headAt(size);
  if (held.root !== undefined && !sameHash(held.root, root)) return { ok: false, problem: 'ahead' };
  const otherActs = acts !== undefined && held.acts !== undefined && !sameActs(acts, held.acts);
  if (otherActs) return { ok: false, problem: 'ahead' };
  // Only what is new is told: a witness that comes again and again would fill the log with its word.
  const seen = new Map(hand.witnesses.states(origin).map((one) => [one.name, one.size]));
  await hand.witnesses.keep(checkpoint);
  for (const { name } of cosigners) {
    if (size > (seen.get(name) ?? 0)) tell({ kind: 'witnessed', origin, size, witness: name });
  }
  return { ok: true, witness: cosigners.map(({ name }) => name).join(', '), size };
}
