import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openModeFile } from '../../../gateway/engine/mode-file.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pst-mode-file-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const island = { format: 1, mode: 'island', since: 5, by: 'ada', why: 'drill' } as const;

test('what is saved is read again, the later one of two, and nothing is left beside it', async () => {
  const state = join(home, 'state');
  const file = openModeFile(state);
  expect(file.read()).toBeUndefined();
  await file.save(island);
  const leaving = { ...island, recovery: { by: 'bo', why: '', reopened: ['C-1/F-1'] } };
  await file.save(leaving);
  expect(openModeFile(state).read()).toEqual(leaving);
  expect(readdirSync(state)).toEqual(['mode.json']);
});

test('what was being written when the power went is not read', async () => {
  const file = openModeFile(home);
  await file.save(island);
  writeFileSync(join(home, 'mode.json.new'), '{"format":1,"mode":"nor');
  expect(openModeFile(home).read()).toEqual(island);
});

test('a directory that cannot be made is told', async () => {
  writeFileSync(join(home, 'state'), 'a file where the directory should be');
  await expect(openModeFile(join(home, 'state')).save(island)).rejects.toMatchObject({
    code: 'PST_ERR_STATE_DIR',
  });
});
