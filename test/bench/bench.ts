/**
 * `npm run bench [-- inspection|policy|evidence|kernel|vendor|traffic|life [options]]`: what things cost, on this
 * machine, as medians of interleaved rounds, and how fast granted sessions end. Without a name all of them, one after
 * the other. `vendor` needs root and nft, `kernel`, `traffic` and `life` also gcc and what their own files name.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const Parts = ['policy', 'evidence', 'kernel', 'inspection', 'vendor', 'traffic', 'life'] as const;
const [name, ...options] = process.argv.slice(2);
const one = Parts.find((part) => part === name);
const chosen = one === undefined ? Parts : [one];
const words = one === undefined && name !== undefined ? [name, ...options] : options;

for (const part of chosen) {
  const file = fileURLToPath(new URL(`${part}/${part}.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
