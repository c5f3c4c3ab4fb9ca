import { diffModels } from '../../policy/diff/diff-models.ts';
import { diffPolicies } from '../../policy/diff/diff-policies.ts';
import { type Difference, isSame } from '../../policy/diff/difference.ts';
import { differenceJson, differenceMarkdown, differenceText } from '../../policy/diff/difference-text.ts';
import { readModel } from '../../policy/model/read-model.ts';
import type { ZoneModel } from '../../policy/model/zone-model.ts';
import { decodeEnvelope } from '../../rules/bundle/envelope.ts';
import { printFindings, readTime } from './check.ts';
import { ExitStatus, readNamedFile, UsageError } from './output.ts';
import { readPolicy } from './policy-source.ts';

export interface DiffOptions {
  /** The box of the models, where one of the two is a bundle. */
  readonly gateway?: string;
  /** As of this time: what has ended by then permits nothing. */
  readonly at?: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
}

/**
 * `penstock diff OLD NEW`: what may happen now that could not before, the reverse, and what else changed. Two models
 * are compared as sets of packets and requests; with a bundle on either side, flow by flow as compiled.
 * @returns 0 when nothing changed, 1 otherwise
 */
export async function diff(old: string, next: string, options: DiffOptions): Promise<number> {
  if (options.json === true && options.markdown === true)
    throw new UsageError('--json and --markdown are two forms of one output.', 'Leave one of them out.');
  const now = readTime('--at', options.at);
  const isModels = [old, next].every((file) => decodeEnvelope(readNamedFile(file)) === undefined);
  const difference = isModels ? compareModels(old, next, now) : comparePolicies(old, next, options, now);
  if (difference === undefined) return ExitStatus.usage;
  if (options.json === true) console.log(differenceJson(difference));
  else if (options.markdown === true) console.log(differenceMarkdown(difference, old, next));
  else console.log(differenceText(difference));
  return isSame(difference) ? ExitStatus.good : ExitStatus.refused;
}

/** Undefined where one of them cannot be read; then its findings are printed. */
function compareModels(old: string, next: string, now: number): Difference | undefined {
  const [before, after] = [readNamedModel(old), readNamedModel(next)];
  return before === undefined || after === undefined ? undefined : diffModels(before, after, now);
}

function readNamedModel(file: string): ZoneModel | undefined {
  const read = readModel(readNamedFile(file).toString('utf8'), file);
  if (read.ok) return read.model;
  printFindings(read.findings, false);
  return undefined;
}

function comparePolicies(
  old: string,
  next: string,
  { gateway }: DiffOptions,
  now: number,
): Difference | undefined {
  const policies = [old, next].map((file) => ({ file, read: readPolicy(file, gateway, now) }));
  const [before, after] = policies.map(({ file, read }) => {
    if (read.ok) return { file, policy: read.policy };
    printFindings(read.findings, false);
    return undefined;
  });
  return before === undefined || after === undefined ? undefined : diffPolicies(before, after);
}
