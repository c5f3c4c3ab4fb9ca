import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog } from '../../gateway/log.ts';

test('a line of the process log is JSON with time, level, name and pid', () => {
  const lines = capture((log) => log.warn({ shards: [0] }, 'cannot listen'));
  expect(lines).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      name: 'inspector',
      pid: process.pid,
      shards: [0],
      msg: 'cannot listen',
    },
  ]);
});

test.for(['password', 'passphrase', 'secret', 'token', 'privateKey', 'authorization', 'cookie'])(
  'a %s never reaches the log',
  (name) => {
    const lines = capture((log) => log.info({ [name]: 'hunter2', request: { [name]: 'hunter2' } }, 'asked'));
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  },
);

function capture(act: (log: ReturnType<typeof createLog>) => void): unknown[] {
  const lines: unknown[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  act(createLog('inspector', destination));
  return lines;
}
