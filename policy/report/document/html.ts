import type { Block, Cell, FactRow, ReportDocument, Section, Table } from './block.ts';
import { escapeText } from './escape.ts';
import { StyleSheet } from './style-sheet.ts';

/**
 * The document as one HTML file that needs nothing else: no script, no font, no picture from elsewhere, and a
 * content security policy that forbids any.
 * @param drawing SVG markup of this project's own making, put in where the document has its drawing
 */
export function renderHtml(document: ReportDocument, drawing: string): string {
  const { title, subtitle, facts, sections, footer } = document;
  const contents = sections.length < 2 ? '' : renderContents(sections);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeText(title)}</title>
<style>${StyleSheet}</style>
</head>
<body>
<header>
<h1>${escapeText(title)}</h1>
<p class="subtitle">${escapeText(subtitle)}</p>
${renderFacts(facts)}
</header>
${contents}<main>
${sections.map((section, index) => renderSection(section, sections.length > 1 ? index + 1 : 0, drawing)).join('\n')}
</main>
<footer>${escapeText(footer)}</footer>
</body>
</html>
`;
}

function renderContents(sections: readonly Section[]): string {
  const items = sections.map(
    ({ id, title }) => `<li><a href="#${escapeText(id)}">${escapeText(title)}</a></li>`,
  );
  return `<nav><ol>${items.join('')}</ol></nav>\n`;
}

function renderSection({ id, title, blocks }: Section, number: number, drawing: string): string {
  const head = title === '' ? '' : `<h2>${number === 0 ? '' : `${number} `}${escapeText(title)}</h2>\n`;
  const body = blocks.map((block) => renderBlock(block, drawing)).join('\n');
  return `<section id="${escapeText(id)}">\n${head}${body}\n</section>`;
}

function renderBlock(block: Block, drawing: string): string {
  switch (block.kind) {
    case 'heading':
      return `<h3 id="${escapeText(block.id)}">${escapeText(block.text)}</h3>`;
    case 'paragraph':
      return `<p class="${block.tone}">${escapeText(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${escapeText(item)}</li>`).join('')}</ul>`;
    case 'facts':
      return renderFacts(block.rows);
    case 'figures':
      return `<div class="figures">${block.figures
        .map(({ value, label }) => `<p><b>${escapeText(value)}</b> ${escapeText(label)}</p>`)
        .join('')}</div>`;
    case 'table':
      return renderTable(block);
    case 'drawing':
      return `<figure>${drawing}<figcaption>${escapeText(block.caption)}</figcaption></figure>`;
  }
}

function renderFacts(rows: readonly FactRow[]): string {
  if (rows.length === 0) return '';
  const items = rows.map(
    ({ label, cell }) =>
      `<div><dt>${escapeText(label)}</dt><dd class="${cell.tone}">${renderLines(cell)}</dd></div>`,
  );
  return `<dl>${items.join('')}</dl>`;
}

function renderTable({ columns, rows }: Table): string {
  const total = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => `<col style="width:${((100 * share) / total).toFixed(1)}%">`);
  const heads = columns.map(({ title }) => `<th scope="col">${escapeText(title)}</th>`);
  const body = rows.map(
    (row) => `<tr>${row.map((cell) => `<td class="${cell.tone}">${renderLines(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><colgroup>${widths.join('')}</colgroup><thead><tr>${heads.join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}

function renderLines({ lines }: Cell): string {
  const [only = ''] = lines;
  if (lines.length < 2) return escapeText(only);
  return lines.map((line) => `<p>${escapeText(line)}</p>`).join('');
}
