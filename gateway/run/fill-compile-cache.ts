import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NodeOptions } from './node-options.ts';

/**
 * `node gateway/run/fill-compile-cache.ts DIRECTORY [UID…]`: keeps what Node makes of this source there, types taken
 * out and compiled, so that each process starts sooner and holds less. Where a single file is missing, it loads what
 * takes types out after all. For the installer: the directory must belong to root and nobody else may write to it,
 * since what lies there is run. Node looks for it under the number of the user it runs as; the numbers given are led
 * to what root has made.
 */
const [directory = '', ...users] = process.argv.slice(2);
if (directory === '') {
  console.error('usage: fill-compile-cache.ts DIRECTORY [UID…]');
  process.exit(2);
}
const gateway = join(import.meta.dirname, '..');
/** What is run: each ends at once, since it knows no such option or its standard input is at its end. */
const Entries = ['cli/penstock.ts', 'enforce/kernel/nflog.ts', 'enforce/kernel/nft-child.ts'];
/** The same of those that are started with options, for which Node keeps what it compiles apart. */
const Supervised = ['engine/main.ts', 'front/main.ts', 'inspector/main.ts', 'syslog/main.ts'];
/** What these import as they go; importing it starts nothing. */
const Later = [
  'cli/run.ts',
  'ffi/shared-memory.ts',
  'ffi/socket.ts',
  'inspector/descriptors/descriptor-path.ts',
  'inspector/descriptors/trial.ts',
  'inspector/stream-path.ts',
  'inspector/transparent-carrier.ts',
];
/** What is loaded when the first passkey after a start is used, and somebody waits for. */
const LaterLibraries = ['@simplewebauthn/server', '@simplewebauthn/server/helpers'];
/** Milliseconds, on the slowest board; far more than one takes that ends by itself. */
const LongestStart = 60_000;

rmSync(directory, { recursive: true, force: true });
for (const entry of Entries) runOnce(join(gateway, entry), '--nothing');
for (const entry of Supervised) runOnce(...NodeOptions, join(gateway, entry), '--nothing');
// By address: what is evaluated would look for a name where the installer was started.
const later = [
  ...Later.map((file) => pathToFileURL(join(gateway, file)).href),
  ...LaterLibraries.map((name) => import.meta.resolve(name)),
];
const imports = later.map((address) => `import ${JSON.stringify(address)};`);
for (const options of [[], NodeOptions])
  runOnce(...options, '--input-type=module', '--eval', imports.join(''));

const own = `-${process.getuid?.() ?? 0}`;
const made = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(own)) : [];
if (made.length === 0) {
  console.error(`${directory}: nothing can be kept there.`);
  process.exit(3);
}
for (const user of users) {
  for (const name of made) {
    const alias = join(directory, `${name.slice(0, -own.length)}-${user}`);
    if (!existsSync(alias)) symlinkSync(name, alias);
  }
}
console.log(`compiled once for all starts: ${directory}`);

/** In a process of its own, which keeps what it compiled when it ends. */
function runOnce(...words: readonly string[]): void {
  spawnSync(process.execPath, words, {
    env: { ...process.env, NODE_COMPILE_CACHE: directory },
    stdio: 'ignore',
    timeout: LongestStart,
    killSignal: 'SIGKILL',
  });
}
