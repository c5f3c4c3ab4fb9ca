import type { Insertion } from './model-text.ts';

/** The unified diff of lines that were put in between others: what `patch` and a reviewer read. */
export function unifiedDiff(
  file: string,
  lines: readonly string[],
  insertions: readonly Insertion[],
): string {
  if (insertions.length === 0) return '';
  const sorted = insertions.toSorted((one, other) => one.after - other.after);
  const hunks: Insertion[][] = [];
  for (const insertion of sorted) {
    const hunk = hunks.at(-1);
    const before = hunk?.at(-1);
    if (hunk !== undefined && before !== undefined && insertion.after - before.after <= 2 * Context)
      hunk.push(insertion);
    else hunks.push([insertion]);
  }
  let added = 0;
  const texts = hunks.map((hunk) => {
    const first = Math.max(0, (hunk[0]?.after ?? 0) - Context);
    const last = Math.min(lines.length, (hunk.at(-1)?.after ?? 0) + Context);
    const body: string[] = [];
    for (let line = first; line <= last; line++) {
      for (const { after, lines: more } of hunk)
        if (after === line) body.push(...more.map((text) => `+${text}`));
      if (line < last) body.push(` ${lines[line] ?? ''}`);
    }
    const more = hunk.reduce((sum, insertion) => sum + insertion.lines.length, 0);
    const head = `@@ -${first + 1},${last - first} +${first + 1 + added},${last - first + more} @@`;
    added += more;
    return [head, ...body].join('\n');
  });
  return [`--- ${file}`, `+++ ${file}`, ...texts].join('\n');
}

const Context = 3;
