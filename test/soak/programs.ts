import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Running, run } from '../plant/namespaces/exec.ts';

/** The programs of `programs/`, compiled: what each is for and how it is called stands at the head of its source. */
export type Programs = Readonly<
  Record<'steady' | 'plc' | 'judge' | 'storm' | 'flood' | 'packets' | 'clock', string>
>;

/** Compiles all of them into a folder; throws with what gcc said. */
export async function compilePrograms(folder: string): Promise<Programs> {
  const compile = async (
    name: keyof Programs,
    options: readonly string[] = [],
    end = '',
  ): Promise<string> => {
    const [source, out] = [
      fileURLToPath(new URL(`programs/${name}.c`, import.meta.url)),
      join(folder, `${name}${end}`),
    ];
    const said = await run(['gcc', '-O2', '-Wall', '-Wextra', '-Werror', ...options, '-o', out, source]);
    if (said.status !== 0) throw new Error(`gcc ${name}.c: ${said.stderr}`);
    return out;
  };
  const [steady, plc, judge, storm, flood, packets, clock] = await Promise.all([
    compile('steady'),
    compile('plc'),
    compile('judge'),
    compile('storm'),
    compile('flood'),
    compile('packets'),
    compile('clock', ['-shared', '-fPIC'], '.so'),
  ]);
  return { steady, plc, judge, storm, flood, packets, clock };
}

/** Tells a program a line and gives the next line of JSON it says. */
export async function ask<T>(program: Running, line: string): Promise<T> {
  const heard = program.output().length;
  program.tell(line);
  await program.says(new RegExp(`^[^]{${heard}}[^]*\\}\\n`));
  return lastJson(program.output().slice(heard));
}

/** What a program that ends by itself said of what it did; throws where it failed. */
export async function tally<T>(program: Running): Promise<T> {
  const { status, stdout, stderr } = await program.ended;
  if (status !== 0) throw new Error(`a program of the soak ended with ${status}: ${stdout}${stderr}`);
  return lastJson(stdout);
}

function lastJson<T>(text: string): T {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return JSON.parse(lines.at(-1) ?? '') as T;
}
