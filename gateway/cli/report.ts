import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ZoneModel } from '../../policy/model/zone-model.ts';
import { flowsCsv } from '../../policy/report/csv.ts';
import { renderHtml } from '../../policy/report/document/html.ts';
import { reportDocument, summaryDocument } from '../../policy/report/document/report-document.ts';
import { draw } from '../../policy/report/drawing/draw.ts';
import { planDrawing } from '../../policy/report/drawing/plan-drawing.ts';
import { renderSvg } from '../../policy/report/drawing/svg.ts';
import { buildReport, type Report } from '../../policy/report/report.ts';
import { printFindings, readTime } from './check.ts';
import { ExitStatus, UsageError, writeNamedFile } from './output.ts';
import { gather } from './report/gather.ts';
import { layOut } from './report/layout.ts';
import { renderPdf } from './report/pdf.ts';

export interface ReportOptions {
  readonly out: string;
  readonly status?: readonly string[];
  readonly observed?: readonly string[];
  /** Asks the running gateway of this configuration. */
  readonly config?: string;
  readonly at?: string;
  readonly json?: boolean;
}

/**
 * `penstock report MODEL --out DIR`: writes what an auditor asks for, from the model and what gateways say. The
 * same input, with `--at`, gives the same bytes.
 * @returns 1 when the model does not read, or has an error: the report then says which
 */
export async function report(file: string, options: ReportOptions): Promise<number> {
  const gathered = await gather(file, {
    status: options.status ?? [],
    observed: options.observed ?? [],
    config: options.config,
    at: readTime('--at', options.at),
  });
  if (!gathered.ok) {
    printFindings(gathered.findings, options.json === true);
    return ExitStatus.refused;
  }
  const { model, facts } = gathered;
  const built = buildReport(model, facts);
  const files = await renderFiles(model, built);
  makeDirectory(options.out);
  for (const { name, content } of files) writeNamedFile(join(options.out, name), content);
  if (options.json === true) console.log(JSON.stringify(built, null, 2));
  else for (const { name } of files) console.log(join(options.out, name));
  // The report lists every finding; what forbids a policy is said here as well.
  const errors = facts.findings.filter(({ severity }) => severity === 'error');
  printFindings(errors, false);
  return errors.length > 0 ? ExitStatus.refused : ExitStatus.good;
}

/** All files of a report, by name. */
async function renderFiles(
  model: ZoneModel,
  built: Report,
): Promise<readonly { readonly name: string; readonly content: Uint8Array | string }[]> {
  const { at, site } = built;
  const plan = planDrawing(model);
  const drawing = draw(plan, await layOut(plan));
  const svg = renderSvg(drawing, `Zones and conduits of ${site}`);
  const whole = reportDocument(model, built);
  const summary = summaryDocument(built);
  return [
    { name: 'report.html', content: renderHtml(whole, svg) },
    { name: 'report.pdf', content: await renderPdf(whole, { drawing, at, layout: 'landscape' }) },
    { name: 'summary.html', content: renderHtml(summary, '') },
    { name: 'summary.pdf', content: await renderPdf(summary, { drawing, at, layout: 'portrait' }) },
    { name: 'drawing.svg', content: svg },
    { name: 'authorised-flows.csv', content: flowsCsv(built.flows) },
    { name: 'report.json', content: `${JSON.stringify(built, null, 2)}\n` },
  ];
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch {
    throw new UsageError(`${path} cannot be made.`, 'Name a directory that you may write to.');
  }
}
