import type { Command } from 'commander';

/** How every command of the program is told who, where and in which form, and how it is run. */
export interface CommandWays {
  readonly shared: readonly (readonly [flags: string, description: string, value?: string])[];
  readonly act: <A extends unknown[]>(run: (...args: A) => Promise<number>) => (...args: A) => Promise<void>;
}

/** The commands under `penstock exercise`. */
export function addExerciseCommands(exercise: Command, { shared, act }: CommandWays): void {
  const command = (name: string, description: string): Command => {
    const one = exercise.command(name).description(description);
    for (const [flags, text, value] of shared) one.option(flags, text, value);
    return one;
  };
  command('start', 'start one, and switch the mode unless it is dry')
    .requiredOption('--scenario <text>', 'what is supposed to have happened')
    .option('--mode <name>', 'the mode to rehearse')
    .option('--participants <names>', 'who takes part, with commas')
    .option('--dry', 'switch nothing: say what would be cut')
    .option('--incident', 'it is real; the mode may be left out')
    .option('--since <time>', 'when the incident became known, if not now')
    .option(...Out)
    .action(act(async (options) => (await import('./exercise.ts')).startExercise(options)));
  command('note', 'put a decision or a finding on record')
    .option('--decision <text>', 'what was decided')
    .option('--finding <text>', 'what was found')
    .action(act(async (options) => (await import('./exercise.ts')).noteExercise(options)));
  command('end', 'end it and print its record; the mode stays as it is')
    .option(...Out)
    .action(act(async (options) => (await import('./exercise.ts')).endExercise(options)));
  command('show', 'the record of the one that goes on, or of the last')
    .option(...Out)
    .action(act(async (options) => (await import('./exercise.ts')).showExercise(options)));
}

const Out = ['--out <dir>', 'also write the record there, as Markdown and JSON'] as const;
