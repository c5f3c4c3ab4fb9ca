import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf } from './system.ts';

export interface RehearsalOptions {
  readonly home: string;
  /** `releases/0.2.0`. */
  readonly release: string;
  readonly version: string;
  /** gateway.yaml. */
  readonly config: string;
  /** The bundle in force, or undefined on a box without one. */
  readonly bundle: string | undefined;
}

/**
 * Lets another release say, before it runs, whether it can do here what the one that runs does: its Node starts, its own
 * doctor finds what it needs and takes the bundle in force, and the kernel takes the rules it reads out of that.
 * @returns what is in the way, or empty
 */
export function rehearse(options: RehearsalOptions): string {
  return startsHere(options) || enforcesHere(options) || kernelTakesRules(options);
}

function startsHere({ home, release, version }: RehearsalOptions): string {
  const { status, stdout } = command(home, release, ['--version']);
  if (status === 0 && stdout.trim() === version) return '';
  return `The command line of ${version} does not start here.`;
}

function enforcesHere({ home, release, version, config }: RehearsalOptions): string {
  const { status, stdout } = command(home, release, ['doctor', '--config', config, '--json']);
  if (status === 0) return '';
  const lacking = lackingChecks(stdout).join('; ');
  return `The doctor of ${version} says that it cannot enforce here: ${lacking || 'it did not finish'}.`;
}

function kernelTakesRules({ home, release, version, bundle }: RehearsalOptions): string {
  if (bundle === undefined) return '';
  const shown = command(home, release, ['show', bundle, '--nft', '--json']);
  if (shown.status !== 0) return `${version} cannot read the bundle in force.`;
  const room = mkdtempSync(join(tmpdir(), 'penstock-rules-'));
  try {
    const rules = join(room, 'rules.json');
    writeFileSync(rules, shown.stdout);
    // In a namespace of its own: only tried, and not against the table that is in force.
    const args = ['--net', 'nft', '--json', '--check', '--file', rules];
    const tried = spawnSync('unshare', args, { encoding: 'utf8', timeout: LongestMs });
    const said = tried.stderr.trim().slice(0, 300);
    return tried.status === 0 ? '' : `The kernel does not take the rules of ${version}: ${said}`;
  } finally {
    rmSync(room, { recursive: true });
  }
}

function command(home: string, release: string, args: readonly string[]) {
  const { node, script } = commandOf(home, release);
  const options = { encoding: 'utf8', timeout: LongestMs, maxBuffer: 67_108_864 } as const;
  return spawnSync(node, [...script, ...args], options);
}

function lackingChecks(text: string): readonly string[] {
  try {
    const { checks } = JSON.parse(text) as {
      readonly checks: readonly { readonly state: string; readonly what: string; readonly meaning: string }[];
    };
    return checks
      .filter(({ state }) => state === 'lacking')
      .map(({ what, meaning }) => `${what}: ${meaning}`);
  } catch {
    return [];
  }
}

/** A small box takes its time to read a large bundle. Milliseconds. */
const LongestMs = 60_000;
