import { existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { enableCompileCache, flushCompileCache, getCompileCacheDir } from 'node:module';
import { basename, dirname, join } from 'node:path';

/**
 * `node gateway/run/fill-compile-cache.ts DIRECTORY [UID…]`: keeps what Node makes of this source there, types taken
 * out and compiled, so that each process starts in half the time and with a third less memory. For the installer:
 * the directory must belong to root and nobody else may write to it, since what lies there is run. Node looks for it
 * under the number of the user it runs as; the numbers given are led to what root has made.
 */
const [directory = '', ...users] = process.argv.slice(2);
if (directory === '') {
  console.error('usage: fill-compile-cache.ts DIRECTORY [UID…]');
  process.exit(2);
}
rmSync(directory, { recursive: true, force: true });
enableCompileCache(directory);
const made = getCompileCacheDir();
if (made === undefined) {
  console.error(`${directory}: nothing can be kept there.`);
  process.exit(3);
}
// What the processes run, each of its own accord; importing it starts nothing.
await Promise.all([
  import('../config.ts'),
  import('../engine/engine.ts'),
  import('../enforce/kernel/kernel-enforcement.ts'),
  import('../enforce/proxy-enforcement.ts'),
  import('../front/front.ts'),
  import('../inspector/inspector.ts'),
  import('../inspector/transparent-carrier.ts'),
  import('../inspector/stream-path.ts'),
  import('../inspector/descriptors/descriptor-path.ts'),
  import('../inspector/descriptors/event-loop.ts'),
  import('../syslog/collector.ts'),
  import('../syslog/forwarder.ts'),
  import('./child.ts'),
]);
flushCompileCache();
const own = `-${process.getuid?.() ?? 0}`;
for (const user of users) {
  for (const name of readdirSync(directory).filter((one) => one.endsWith(own))) {
    const alias = join(directory, `${name.slice(0, -own.length)}-${user}`);
    if (!existsSync(alias)) symlinkSync(basename(name), alias);
  }
}
console.log(`compiled once for all starts: ${dirname(made)}`);
