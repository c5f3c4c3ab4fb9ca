import type { EvidenceState } from './evidence-state.ts';
import { percentOf } from './log-health.ts';
import type { LogInHand } from './take-up.ts';

/** What can be said of a log, also of one that could not be taken up yet. */
export function stateOf(hand: LogInHand | undefined, broken: string, maxBytes: number): EvidenceState {
  const origin = hand?.tree.origin().origin ?? '';
  const witnesses = hand?.witnesses.states(origin) ?? [];
  const facts = hand?.writer.facts();
  const last = hand?.last();
  return {
    origin,
    size: hand?.tree.size() ?? 0,
    signedSize: hand === undefined ? 0 : signedSize(hand),
    witnessedSize: Math.max(0, ...witnesses.map(({ size }) => size)),
    witnesses,
    checkpoint: last?.note ?? '',
    checkpointAt: last?.at ?? 0,
    publicKey: hand?.key.text ?? '',
    broken,
    bytes: facts?.bytes ?? 0,
    maxBytes,
    percent: percentOf(facts?.keptBytes ?? 0, maxBytes),
  };
}

/** Records of the origin in hand that its newest checkpoint covers. */
export function signedSize({ last, tree }: LogInHand): number {
  const newest = last();
  return newest?.origin === tree.origin().origin ? newest.size : 0;
}
