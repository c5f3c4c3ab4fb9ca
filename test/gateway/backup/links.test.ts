import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPlacer } from '../../../gateway/backup/place.ts';
import { leaveForRecord, readLeft } from '../../../gateway/backup/to-record.ts';
import { makeStateDirectory } from '../../../gateway/run/directories.ts';

const isRoot = process.getuid?.() === 0;
const engine = { uid: 4321, gid: 4321 };
const act = { kind: 'backedUp', by: 'anna', keys: false, evidence: false } as const;

let home: string;
let state: string;
/** What an engine that was taken over would like to have. */
let wanted: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pst-links-'));
  state = join(home, 'state');
  wanted = join(home, 'wanted');
  makeStateDirectory(state, 0o750, isRoot ? engine : undefined);
  mkdirSync(wanted, { mode: 0o755 });
  writeFileSync(join(wanted, 'program'), 'as it was');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a link in a directory of the engine leads root nowhere', () => {
  test.for(['to-record.json', 'to-record.json.new'])('when an act is left for record: %s', (name) => {
    symlinkSync(join(wanted, 'program'), join(state, name));
    leaveForRecord(state, act);
    expect(readFileSync(join(wanted, 'program'), 'utf8')).toBe('as it was');
    expect(statSync(join(wanted, 'program')).uid).toBe(process.getuid?.());
    expect(readLeft(state)).toEqual([act]);
    const { uid, mode } = lstatSync(join(state, 'to-record.json'));
    expect([uid, mode & 0o777]).toEqual([isRoot ? engine.uid : process.getuid?.(), 0o640]);
  });

  test.for(['bundles/confirmed.bundle', 'recordings/G-1/0.rec'])('when a file is put back: %s', (name) => {
    const unpacked = join(home, 'unpacked');
    mkdirSync(join(unpacked, name, '..'), { recursive: true });
    writeFileSync(join(unpacked, name), 'out of a backup');
    mkdirSync(join(wanted, 'G-1'));
    symlinkSync(wanted, join(state, name.split('/')[0] ?? ''));
    const placer = createPlacer(unpacked, state, join(state, 'before-restore'), isRoot ? engine : undefined);
    expect(() => placer.put(name)).toThrow(expect.objectContaining({ code: 'PST_ERR_STATE_DIR' }));
    expect(readdirSync(wanted, { recursive: true }).sort()).toEqual(['G-1', 'program']);
  });

  test('when the directory of the evidence is made', () => {
    symlinkSync(wanted, join(state, 'evidence'));
    expect(() => makeStateDirectory(join(state, 'evidence'), 0o750, isRoot ? engine : undefined)).toThrow(
      expect.objectContaining({ code: 'PST_ERR_STATE_DIR', message: expect.stringContaining('evidence') }),
    );
    const { uid, mode } = statSync(wanted);
    expect([uid, mode & 0o777]).toEqual([process.getuid?.(), 0o755]);
  });
});
