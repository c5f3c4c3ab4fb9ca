import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../gateway/config.ts';
import { run } from '../plant/namespaces/exec.ts';

/**
 * Compiles the code of a gateway beforehand, as `hardware/install.sh` does, into a folder beside its `gateway.yaml`:
 * without, each process holds what its compiler needed for as long as it runs, and starts later.
 * @returns words before `penstock run`, whose processes find it there
 */
export async function compileBeforehand(config: string): Promise<readonly string[]> {
  const folder = join(dirname(config), 'compiled');
  const users = Object.values(readConfig(config).users ?? {});
  await must(process.execPath, Fill, folder, ...users);
  await must('chmod', '-R', 'u=rwX,go=rX', folder);
  return ['env', `NODE_COMPILE_CACHE=${folder}`];
}

async function must(...command: readonly string[]): Promise<void> {
  const { status, stderr } = await run(command);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}

const Fill = fileURLToPath(new URL('../../gateway/run/fill-compile-cache.ts', import.meta.url));
