import { describeRecord, recordTime } from '../../describe-record.ts';
import { isBroken } from '../finding.ts';
import { grantOf } from '../select-session.ts';
import type { SessionFile } from '../session-file.ts';
import type { Trust } from '../verify-note.ts';
import type { SessionVerdict } from '../verify-session.ts';

/** `good`: proved. `look`: proved, with something to know. `bad`: not to be relied on. */
export type Grade = 'waiting' | 'good' | 'look' | 'bad';

/** The sentence that must be seen first. */
export function showGrade(grade: Grade, headline: string, subline: string): void {
  document.documentElement.dataset['grade'] = grade;
  byId('headline', HTMLElement).textContent = headline;
  byId('subline', HTMLElement).textContent = subline;
  if (grade !== 'waiting') return;
  byId('result', HTMLElement).hidden = true;
  byId('story', HTMLElement).hidden = true;
}

/** Puts the whole result on the page. */
export function showVerdict(file: SessionFile, trust: Trust, verdict: SessionVerdict): void {
  const broken = verdict.findings.filter(isBroken);
  const notes = verdict.findings.filter((finding) => !isBroken(finding));
  const witnessed = (verdict.checkpoint?.cosigned.length ?? 0) > 0;
  const grade = broken.length > 0 ? 'bad' : witnessed && notes.length === 0 ? 'good' : 'look';
  const headline =
    broken.length > 0 ? `Not proved: ${broken[0]?.sentence ?? ''}` : `Proved: grant ${file.grant}`;
  showGrade(grade, headline, broken.length > 0 ? 'Do not rely on this file.' : whoVouches(trust, verdict));
  byId('result', HTMLElement).hidden = false;
  byId('story', HTMLElement).hidden = verdict.records.length === 0;
  byId('proved', HTMLElement).replaceChildren(...provedItems(file, verdict));
  byId('findings', HTMLElement).replaceChildren(
    ...broken.map(({ sentence }) => item('bad', sentence)),
    ...notes.map(({ sentence }) => item('look', sentence)),
  );
  byId('records', HTMLElement).replaceChildren(
    ...verdict.records.map(({ sequence, record }) => {
      const time = new Date(recordTime(record)).toISOString().replace('T', ' ').replace('Z', '');
      const line = row(String(sequence), time, describeRecord(record));
      if (grantOf(record) !== file.grant) line.className = 'judged';
      return line;
    }),
  );
}

function whoVouches(trust: Trust, { checkpoint }: SessionVerdict): string {
  const names = checkpoint?.cosigned.map(({ witness }) => witness) ?? [];
  if (names.length > 0)
    return `This needs no trust in the box: ${names.join(' and ')} saw the log at this size.`;
  const none = trust.witnesses.length === 0 ? 'No witness is named here' : 'No witness has signed';
  return `${none}, so the box alone vouches that it shows everybody the same log.`;
}

function provedItems(
  file: SessionFile,
  { checkpoint, records, pieces }: SessionVerdict,
): readonly HTMLElement[] {
  if (checkpoint === undefined) return [];
  const { head, cosigned } = checkpoint;
  return [
    item('good', `The checkpoint of ${head.origin} at ${head.size} records is signed with the key above.`),
    ...cosigned.map(({ witness, at }) =>
      item(
        'good',
        `${witness} cosigned it on ${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC.`,
      ),
    ),
    item(
      records.length === file.records.length ? 'good' : 'bad',
      `${records.length} of ${file.records.length} records are proved to be in that log.`,
    ),
    ...(pieces.proved > 0
      ? [
          item(
            'good',
            `${pieces.proved} of ${pieces.told} recorded pieces are here and are the ones on record.`,
          ),
        ]
      : []),
  ];
}

/** A line of a list with its mark. Text is always text: nothing is ever parsed as markup. */
export function item(grade: Grade, text: string): HTMLElement {
  const made = document.createElement('li');
  made.className = grade;
  made.textContent = text;
  return made;
}

function row(...cells: readonly string[]): HTMLTableRowElement {
  const made = document.createElement('tr');
  for (const text of cells) made.insertCell().textContent = text;
  return made;
}

/** The element of the page with this id; the page is broken without it. */
export function byId<E extends Element>(id: string, kind: abstract new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`no element ${id}`);
  return found;
}
