import { didYouMean } from '../../policy/model/suggest.ts';
import { renderTarget, type Target, Targets } from '../../policy/targets/target.ts';
import { printFindings, readTime } from './check.ts';
import { ExitStatus, UsageError, writeNamedFile } from './output.ts';
import { compileFile } from './policy-source.ts';

export interface TargetOptions {
  readonly target: string;
  readonly out: string;
  /** The box of the model beside which the other firewall stands; may be left out where there is one only. */
  readonly gateway?: string;
  /** Leaves out, and so shut, what the target cannot hold to, instead of refusing. */
  readonly partial?: boolean;
  readonly at?: string;
}

/**
 * `penstock compile MODEL --target iptables|cisco-asa|fortinet|panos --out FILE`: the model as text for a
 * neighbour's firewall. Where that takes several texts, each has its ending added to the name.
 * @returns 1 when a finding forbids it or the target cannot hold to a flow; nothing is written then
 */
export async function compileTarget(file: string, options: TargetOptions): Promise<number> {
  const target = readTarget(options.target);
  const now = readTime('--at', options.at);
  const compiled = compileFile(file, { gateway: options.gateway, notBefore: 'unimportant', now });
  printFindings(compiled.findings, false);
  if (!compiled.ok) return ExitStatus.refused;
  const result = renderTarget(compiled.policy, target, options.partial === true);
  const inexpressible = result.ok ? result.leftOut : result.refused;
  for (const { line, sentence } of inexpressible) console.error(`${file}:${line} ${sentence}`);
  if (!result.ok) {
    console.error(
      `  Nothing was written. With --partial these stay shut at ${target}, and the rest is written.`,
    );
    return ExitStatus.refused;
  }
  for (const { ending, text } of result.texts) {
    const name = result.texts.length === 1 ? options.out : `${options.out}.${ending}`;
    writeNamedFile(name, text);
    console.log(`${name}: ${target}, ${inexpressible.length} left out`);
  }
  return ExitStatus.good;
}

function readTarget(text: string): Target {
  const target = Targets.find((each) => each === text);
  if (target !== undefined) return target;
  throw new UsageError(`There is no target ${text}.`, didYouMean(text, Targets, 'targets'));
}
