import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fakeBoard } from '../../../hardware/fake/board.ts';
import { type GuardParts, guardKernelTable } from '../../../hardware/watchdog/guard.ts';
import { openRebootHistory } from '../../../hardware/watchdog/reboot-history.ts';
import type { TableState } from '../../../hardware/watchdog/watchdog-decision.ts';

const Period = 3000;
const Hour = 3_600_000;

test('a box with a right table stays up, and an orderly stop stops the watchdog', async () => {
  const box = guardedBox(() => 'right', 200);
  expect(await guardKernelTable(box.parts)).toBe('stopped');
  expect(box.board.watchdogState).toBe('stopped');
  expect(box.restarts()).toBe(0);
});

test('a table that the restarted engine mends costs no reboot', async () => {
  const box = guardedBox((look, restarts) => (look < 3 || restarts > 0 ? 'right' : 'wrong'), 100);
  expect(await guardKernelTable(box.parts)).toBe('stopped');
  expect(box.restarts()).toBe(1);
});

test('a table nobody mends lets the watchdog bite, with the reboot counted first', async () => {
  const box = guardedBox(() => 'wrong', 1000);
  expect(await guardKernelTable(box.parts)).toBe('rebooting');
  expect(box.restarts()).toBe(3);
  expect(box.history.read()).toBe(1);
  box.board.advance(60);
  expect(box.board.watchdogState).toBe('bitten');
});

test('a box that cannot count its reboots is kept up and says why', async () => {
  const box = guardedBox(() => 'wrong', 500);
  const history = openRebootHistory('/proc/penstock/reboots');
  expect(await guardKernelTable({ ...box.parts, history })).toBe('stopped');
  expect(box.said()).toContainEqual(expect.stringContaining('list of reboots'));
  expect(box.board.watchdogState).toBe('stopped');
});

test('a box without a watchdog still gets its engine restarted', async () => {
  const box = guardedBox(() => 'wrong', 20, false);
  expect(await guardKernelTable(box.parts)).toBe('stopped');
  expect(box.restarts()).toBeGreaterThan(1);
});

test('the same news is told once', async () => {
  const box = guardedBox((look) => (look === 5 ? 'unknown' : 'right'), 10);
  await guardKernelTable(box.parts);
  expect(box.said()).toEqual([
    'The kernel table is right.',
    'The kernel table could not be looked at.',
    'The kernel table is right.',
  ]);
});

test('the count of reboots survives the process and leaves no draft behind', () => {
  const directory = temporaryDirectory();
  openRebootHistory(join(directory, 'reboots')).write(7);
  expect(openRebootHistory(join(directory, 'reboots')).read()).toBe(7);
  expect(readdirSync(directory)).toEqual(['reboots']);
});

/** A box whose table is as `table` says at each look, for a number of looks. */
function guardedBox(table: (look: number, restarts: number) => TableState, looks: number, guarded = true) {
  const board = fakeBoard();
  const history = openRebootHistory(join(temporaryDirectory(), 'reboots'));
  const said: string[] = [];
  let look = 0;
  let restarts = 0;
  const parts: GuardParts = {
    watchdog: guarded && board.watchdog.state === 'present' ? board.watchdog.part.open() : undefined,
    history,
    look: async () => table(look, restarts),
    restartEngine: () => {
      restarts += 1;
    },
    uptime: () => Hour + look * Period,
    pause: async () => {
      board.advance(Period / 1000);
      expect(board.watchdogState).not.toBe('bitten');
      look += 1;
      return look < looks;
    },
    report: (sentence) => said.push(sentence),
  };
  return { parts, board, history, restarts: () => restarts, said: () => said };
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'penstock-guard-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
