import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '../../plant/namespaces/exec.ts';

test('the bench of the kernel measures every step at every size, and leaves no namespace behind', async () => {
  const bench = fileURLToPath(new URL('../../bench/bench.ts', import.meta.url));
  const command = [process.execPath, bench, 'kernel', '--short', '--json'];
  const { status, stdout, stderr } = await run(command, { patience: 110_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { tag, sizes, times, trip } = JSON.parse(stdout);
  for (const size of sizes) {
    for (const step of ['apply', 'change', 'switch']) expect(times[`${step} ${size}`]).not.toBeUndefined();
    for (const part of ['p50', 'p99']) expect(trip[`${part} ${size}`]).not.toBeUndefined();
  }
  expect((await run(['ip', 'netns', 'list'])).stdout).not.toContain(tag);
});
