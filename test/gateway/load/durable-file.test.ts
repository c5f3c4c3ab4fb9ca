import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stageDurably } from '../../../gateway/load/durable-file.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pst-durable-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a file that is replaced', () => {
  test.for(['state.json.new', 'state.json'])(
    'is never reached through a link that lies there as %s',
    (name) => {
      const other = join(home, 'other');
      writeFileSync(other, 'of somebody else');
      symlinkSync(other, join(home, name));
      stageDurably(join(home, 'state.json'), Buffer.from('ours'))();
      expect(readFileSync(other, 'utf8')).toBe('of somebody else');
      expect(readFileSync(join(home, 'state.json'), 'utf8')).toBe('ours');
      expect(lstatSync(join(home, 'state.json')).isFile()).toBe(true);
    },
  );

  test('is what it was until all of the new one is on the medium, whatever an interrupted one left', () => {
    writeFileSync(join(home, 'state.json'), 'before');
    writeFileSync(join(home, 'state.json.new'), 'half of something longer');
    const replace = stageDurably(join(home, 'state.json'), Buffer.from('after'));
    expect(readFileSync(join(home, 'state.json'), 'utf8')).toBe('before');
    replace();
    expect(readFileSync(join(home, 'state.json'), 'utf8')).toBe('after');
  });

  test.runIf(process.getuid?.() === 0)('has the rights it is given', () => {
    stageDurably(join(home, 'state.json'), Buffer.from('ours'), { mode: 0o604, uid: 4321, gid: 4322 })();
    const { mode, uid, gid } = statSync(join(home, 'state.json'));
    expect([mode & 0o7777, uid, gid]).toEqual([0o604, 4321, 4322]);
  });
});
