import { type MutantResult, type MutationReport, runMutants } from '../../policy/prove/mutate/run-mutants.ts';
import { checkModel, printFindings, readTime } from './check.ts';
import { ExitStatus, UsageError } from './output.ts';

export interface MutateOptions {
  readonly at?: string;
  readonly least?: string;
  readonly json?: boolean;
}

/**
 * `penstock mutate MODEL`: drops or widens each rule of a model in turn and says which of these changes its tests and
 * invariants do not notice, each with a test that would, where there is one.
 * @returns 1 where the model has errors, or its score is below `--least`
 */
export async function mutate(file: string, options: MutateOptions): Promise<number> {
  const now = readTime('--at', options.at);
  const least = readPercent(options.least);
  const { model, findings } = checkModel(file, { now, notBefore: now, observed: [] });
  if (model === undefined) {
    printFindings(findings, options.json === true);
    return ExitStatus.refused;
  }
  const report = runMutants(model, now);
  if (options.json === true) console.log(JSON.stringify(toJson(file, report), null, 2));
  else for (const line of textOf(file, report)) console.log(line);
  return report.failing.length === 0 && report.score >= least ? ExitStatus.good : ExitStatus.refused;
}

function readPercent(text: string | undefined): number {
  const percent = Number(text ?? 0);
  if (Number.isInteger(percent) && percent >= 0 && percent <= 100) return percent;
  throw new UsageError(`--least ${text} is no score.`, 'Write a whole number from 0 to 100.');
}

function textOf(file: string, { results, score, failing }: MutationReport): readonly string[] {
  if (failing.length > 0) return [`${file}: these fail without any change: ${failing.join(', ')}`];
  const missed = results.filter(({ outcome }) => outcome === 'missed');
  return [
    `${file}: ${results.length} changes, ${countsText(results)}; score ${score} %`,
    ...(missed.length === 0 ? [] : ['Nobody notices:']),
    ...missed.flatMap(({ mutant, suggestion }) => [
      `  ${file}:${mutant.at.line}  ${mutant.what}`,
      `      ${suggestion === undefined ? NoTest : `- ${suggestion.text}`}`,
    ]),
  ];
}

function countsText(results: readonly MutantResult[]): string {
  const count = (outcome: MutantResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).length;
  const parts = [`${count('noticed')} noticed`, `${count('missed')} not`];
  if (count('same') > 0) parts.push(`${count('same')} that change nothing`);
  if (count('refused') > 0) parts.push(`${count('refused')} that do not compile`);
  return parts.join(', ');
}

function toJson(file: string, { results, score, failing }: MutationReport) {
  return {
    file,
    score,
    failing,
    mutants: results.map(({ mutant: { at, about, what }, outcome, by, suggestion }) => ({
      line: at.line,
      about,
      what,
      outcome,
      by,
      suggestion: suggestion?.text,
    })),
  };
}

const NoTest = 'no test between two assets tells it; an invariant, only or never, does';
