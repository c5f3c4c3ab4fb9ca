import { type AccessChange, ChangeKinds, type Difference, isSame, type OtherChange } from './difference.ts';

/** A difference for a terminal. */
export function differenceText(difference: Difference): string {
  if (isSame(difference)) return 'The same may happen, and nothing else has changed.';
  const { gained, lost, changes } = difference;
  const parts = [
    accessText('May happen now and could not before', '+', gained),
    accessText('Could happen before and may not now', '-', lost),
    ...ChangeKinds.map((kind) => otherText(kind, changes)),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The same for a review: Markdown with a heading for each part. */
export function differenceMarkdown(difference: Difference, old: string, next: string): string {
  const { gained, lost, changes } = difference;
  const head = `# Policy change: ${mark(old)} → ${mark(next)}`;
  if (isSame(difference)) return `${head}\n\nThe same may happen, and nothing else has changed.`;
  const looks = changes.filter(({ needsLook }) => needsLook).length;
  const counts = `${gained.length} gained, ${lost.length} lost, ${changes.length} other changes${looks === 0 ? '' : `, ${looks} of them weaken a protection or may`}.`;
  const parts = [
    head,
    counts,
    accessMarkdown('May happen now and could not before', gained),
    accessMarkdown('Could happen before and may not now', lost),
    ...ChangeKinds.map((kind) => otherMarkdown(kind, changes)),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The same for a program; what a change was made of stays out. */
export function differenceJson({ gained, lost, changes }: Difference): string {
  const plain = ({ piece, ...change }: AccessChange): object => change;
  return JSON.stringify({ gained: gained.map(plain), lost: lost.map(plain), changes }, null, 2);
}

function accessText(title: string, sign: string, changes: readonly AccessChange[]): string {
  if (changes.length === 0) return '';
  const groups = [...Map.groupBy(changes, ({ group }) => group)].map(([group, ones]) => {
    const lines = ones.flatMap((one) => [
      `    ${sign} ${one.sentence}`,
      `      ${[`${one.by}, ${placeText(one)}`, one.owner, one.ticket].filter((text) => text !== '').join(', ')}`,
      ...one.notes.map((note) => `      ${note}`),
    ]);
    return [`  ${group}`, ...lines].join('\n');
  });
  return [title, ...groups].join('\n');
}

function otherText(kind: OtherChange['kind'], changes: readonly OtherChange[]): string {
  const ones = changes.filter((change) => change.kind === kind);
  if (ones.length === 0) return '';
  const lines = ones.map((one) => `  ${one.needsLook ? '!' : ' '} ${one.sentence} (${placeText(one)})`);
  return [titleOf(kind), ...lines].join('\n');
}

function accessMarkdown(title: string, changes: readonly AccessChange[]): string {
  if (changes.length === 0) return '';
  const groups = [...Map.groupBy(changes, ({ group }) => group)].map(([group, ones]) => {
    const lines = ones.flatMap((one) => [
      `- **${mark(one.sentence)}**  `,
      `  ${mark([`${one.by}, ${placeText(one)}`, one.owner, one.ticket].filter((text) => text !== '').join(', '))}${one.notes.map((note) => ` _${mark(note)}_`).join('')}`,
    ]);
    return [`### ${mark(group)}`, '', ...lines].join('\n');
  });
  return [`## ${title}`, ...groups].join('\n\n');
}

function otherMarkdown(kind: OtherChange['kind'], changes: readonly OtherChange[]): string {
  const ones = changes.filter((change) => change.kind === kind);
  if (ones.length === 0) return '';
  const lines = ones.map(
    (one) => `- ${one.needsLook ? '**Look:** ' : ''}${mark(one.sentence)} (${mark(placeText(one))})`,
  );
  return [`## ${titleOf(kind)}`, lines.join('\n')].join('\n\n');
}

function titleOf(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

function placeText({ file, line }: { readonly file: string; readonly line: number }): string {
  return line === 0 ? file : `${file}:${line}`;
}

/** Text of a model as text of Markdown: no name becomes a link, a heading or HTML. */
function mark(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}
