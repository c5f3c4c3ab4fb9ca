import { actsCanFollow } from '../../../rules/evidence/checkpoint.ts';
import { provesConsistency } from '../../../rules/evidence/consistency.ts';
import { parseConsistency } from './consistency-text.ts';
import type { CryptoTools } from './crypto-tools.ts';
import type { Find, Finding } from './finding.ts';
import { type Trust, verifyNote } from './verify-note.ts';

/** Whether nothing that a former checkpoint covers is gone from a later one. */
export interface Growth {
  readonly ok: boolean;
  readonly sentence: string;
  readonly findings: readonly Finding[];
}

/** Verifies two checkpoints of one log and that the second only added to the first, RFC 6962 §2.1.2. */
export function verifyGrowth(former: string, text: string, trust: Trust, tools: CryptoTools): Growth {
  const findings: Finding[] = [];
  const find: Find = (code, sequence, sentence) => findings.push({ code, sequence, sentence });
  const told = parseConsistency(withNewline(text));
  if (told === undefined) find('checkpoint-unreadable', undefined, 'This is no consistency text.');
  const first = verifyNote(withNewline(former), 'the checkpoint you kept', trust, tools, find);
  const second =
    told === undefined ? undefined : verifyNote(told.checkpoint, 'the later checkpoint', trust, tools, find);
  if (told === undefined || first === undefined || second === undefined)
    return { ok: false, sentence: '', findings };
  const claim = {
    first: first.head.size,
    firstRoot: first.head.root,
    second: second.head.size,
    secondRoot: second.head.root,
    proof: told.proof,
  };
  const sameLog = first.head.origin === second.head.origin && told.old === first.head.size;
  if (!sameLog || !provesConsistency(claim, tools.sha256)) {
    find(
      'former-missing',
      undefined,
      `The log of ${second.head.size} records does not hold the ${first.head.size} you saw: something vanished or was changed.`,
    );
    return { ok: false, sentence: '', findings };
  }
  if (!actsCanFollow(first.head, second.head)) {
    const fewer = 'The later checkpoint commits to fewer or other acts than the one you kept, or to none.';
    find('acts-missing', undefined, fewer);
    return { ok: false, sentence: '', findings };
  }
  const sentence = `Nothing vanished: the ${first.head.size} records of the former checkpoint are in the later one of ${second.head.size}.`;
  return { ok: true, sentence, findings };
}

/** What was pasted often lost its last newline. */
function withNewline(text: string): string {
  const plain = text.replaceAll('\r\n', '\n').replace(/\n*$/, '').replace(/^\s+/, '');
  return `${plain}\n`;
}
