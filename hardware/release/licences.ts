import type { DebianPart, ModulePart } from './parts.ts';

/** The text of every licence in a release, one part after the other, and which parts bring none. */
export function licencesText(modules: readonly ModulePart[], packages: readonly DebianPart[]): string {
  const blocks = [
    ...modules.map(moduleBlock),
    ...packages.map(({ name, version, system, copyright }) => ({
      head: `${name} ${version} (Debian ${system})`,
      text: copyright,
    })),
  ];
  const lacking = blocks.filter(({ text }) => text.trim() === '').map(({ head }) => head);
  return [
    'Licences of what this release contains beside Penstock itself.',
    ...(lacking.length === 0
      ? []
      : [`Without a licence text of their own:\n${lacking.map((head) => `  ${head}`).join('\n')}`]),
    ...blocks
      .filter(({ text }) => text.trim() !== '')
      .map(({ head, text }) => `${Rule}\n${head}\n${Rule}\n${text.trim()}`),
    '',
  ].join('\n\n');
}

function moduleBlock({ name, version, licence, texts }: ModulePart): {
  readonly head: string;
  readonly text: string;
} {
  const head = `${name} ${version}${licence === '' ? '' : `, ${licence}`}`;
  return { head, text: texts.map(({ text }) => text).join('\n\n') };
}

const Rule = '='.repeat(80);
