/**
 * `npm run bench [-- inspection|policy|kernel [options]]`: what things cost, on this machine, as medians of
 * interleaved rounds. Without a name all three, one after the other. `kernel` needs root, nft and gcc.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const Parts = ['policy', 'kernel', 'inspection'] as const;
const [name, ...options] = process.argv.slice(2);
const one = Parts.find((part) => part === name);
const chosen = one === undefined ? Parts : [one];
const words = one === undefined && name !== undefined ? [name, ...options] : options;

for (const part of chosen) {
  const file = fileURLToPath(new URL(`${part}/${part}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
