import { encodeRecord } from '../../rules/record/codec.ts';
import type { Act } from '../../rules/record/record.ts';
import { frameRecord } from '../../rules/record/segment.ts';
import type { Clock } from '../clock.ts';
import { signedSize } from './log-state.ts';
import type { LogInHand } from './take-up.ts';

/**
 * Gives up the oldest routine segments when the budget wants it, or they were last written to before `oldest`.
 * The act that says so, and what they are in the tree, is on the medium before a file goes. Rejects with the
 * system's error.
 */
export async function makeRoom(hand: LogInHand, clock: Clock, oldest: number): Promise<void> {
  const { writer, tree } = hand;
  for (let victim = writer.victim(oldest); victim !== undefined; victim = writer.victim(oldest)) {
    // A head that ends within what was given up could not be borne out any more.
    const end = victim.firstSequence + victim.records - tree.origin().base;
    if (signedSize(hand) < Math.min(end, tree.size())) await hand.sign();
    const act: Act = { kind: 'removed', ...victim, hashes: await hand.hashesOf(victim) };
    const frame = frameRecord(encodeRecord({ kind: 'act', at: clock.wall(), act }));
    await writer.write({ frames: [frame], routine: false, durable: true, pressing: true });
    await writer.remove(victim.segment);
  }
}
