import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { closeDescriptor } from '../../../gateway/ffi/libc.ts';
import { whenReadable } from '../../../gateway/ffi/readable.ts';
import { openPair, receiveInto, sendSome } from '../../../gateway/ffi/stream-socket.ts';
import { until } from '../inspector/loopback.ts';

test('tells while there is something to read, and nothing once closed', async () => {
  const [near, far] = openPair();
  const got: number[] = [];
  const buffer = new Uint8Array(1);
  const readable = whenReadable(near, () => {
    if (receiveInto(near, buffer) === 1) got.push(buffer[0] ?? 0);
  });
  sendSome(far, Uint8Array.of(1, 2, 3), 3);
  await until(() => got.length === 3);
  readable.close();
  readable.close();
  sendSome(far, Uint8Array.of(4), 1);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(got).toEqual([1, 2, 3]);
  closeDescriptor(near);
  closeDescriptor(far);
});

const module = (name: string) => fileURLToPath(new URL(`../../../gateway/ffi/${name}.ts`, import.meta.url));

/** Runs a program of a few lines in a process of its own. */
function program(lines: string): Promise<{ code: number; output: string }> {
  const source = `
    import { whenReadable } from '${module('readable')}';
    import { openPair, sendSome } from '${module('stream-socket')}';
    const [near, far] = openPair();
    ${lines}`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--expose-gc', '--input-type=module-typescript', '-e', source],
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      },
    );
  });
}

test('what is thrown while it is told ends the process, and nothing is told after it', async () => {
  const said = await program(`
    process.on('uncaughtException', (error) => {
      console.log('caught ' + error.message);
      setTimeout(() => process.exit(3), 50);
    });
    setInterval(() => {}, 1000);
    whenReadable(near, () => { console.log('told'); throw new Error('a bug'); });
    sendSome(far, Uint8Array.of(1), 1);`);
  expect(said).toEqual({ code: 3, output: 'told\ncaught a bug\n' });
});

test('is told although nobody keeps what it gave', async () => {
  const said = await program(`
    whenReadable(near, () => { console.log('told'); process.exit(0); });
    setTimeout(() => { gc(); sendSome(far, Uint8Array.of(1), 1); }, 50);
    setTimeout(() => process.exit(4), 5000);`);
  expect(said).toEqual({ code: 0, output: 'told\n' });
});
