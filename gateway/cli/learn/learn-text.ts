import { formatFinding } from '../../../policy/finding.ts';
import { evidenceText } from '../../../policy/learn/evidence.ts';
import type { Lesson } from '../../../policy/learn/learn.ts';
import type { Unproposed } from '../../../policy/learn/propose.ts';
import { proposalText } from '../../../policy/learn/text.ts';
import { formatTime } from '../../../rules/time.ts';

/** What was learned, for a person: the patch is told apart, so that it can go to a file of its own. */
export function describeLesson({ proposals, unproposed, uncounted, warnings }: Lesson): string {
  const parts = [
    proposals.length === 0
      ? 'Nothing is proposed.'
      : `Proposed, for a person to review; nothing was applied:\n${proposals
          .map((one) => `  ${proposalText(one)}\n    ${evidenceText(one.evidence, 'sighting')}`)
          .join('\n')}`,
    unproposed.length === 0 ? '' : `Seen and not proposed:\n${unproposed.map(describeUnproposed).join('\n')}`,
    uncounted === 0 ? '' : `${uncounted} more kinds of traffic were not kept apart: nothing is said of them.`,
    warnings.length === 0
      ? ''
      : `What the check would say of the patched model, beyond what it says now:\n${warnings.map((finding) => `  ${formatFinding(finding)}`).join('\n')}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function describeUnproposed({ what, why, count, firstAt, lastAt }: Unproposed): string {
  return `  ${what}: ${count} time${count === 1 ? '' : 's'}, ${formatTime(firstAt)} to ${formatTime(lastAt)}\n    ${why}`;
}

/** The same for a program. */
export function lessonJson({ proposals, unproposed, uncounted, warnings, diff }: Lesson): string {
  const body = {
    proposals: proposals.map((one) => ({ kind: one.kind, what: proposalText(one), ...one.evidence })),
    unproposed,
    uncounted,
    warnings,
    diff,
  };
  return JSON.stringify(body, null, 2);
}
