import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, lstatSync, readlinkSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lookAtKernelTable } from '../watchdog/kernel-table.ts';
import { type Health, readHealth } from './health.ts';
import { run } from './run.ts';
import type { TrialSystem } from './trial.ts';

/**
 * This box under systemd: its units, its kernel table, and the commands of its releases.
 * @param units where systemd looks for those of this box
 */
export function boxSystem(home: string, config: string, units = '/etc/systemd/system'): TrialSystem {
  return {
    arm: (former) => {
      for (const name of ReturnUnits) {
        const unit = join(units, name);
        copyFileSync(join(home, former, 'hardware/release', name), `${unit}.new`);
        renameSync(`${unit}.new`, unit);
      }
      systemctl('daemon-reload');
      systemctl('--quiet', 'enable', ReturnService, ReturnNote);
      // The switch that follows is on the medium at once: so has to be what undoes it. A unit whose name alone got
      // there is an empty file after a power cut, which systemd takes for one that must never start.
      run('sync', ['-f', units], { timeout: SettleMs, failure: 'PST_ERR_UPDATE' });
      systemctl('restart', ReturnTimer);
      // A return starts three times an hour at most, and those of earlier trials do not count. Not loaded is not counted.
      spawnSync('systemctl', ['reset-failed', ReturnService]);
    },
    disarm: () => {
      systemctl('stop', ReturnTimer);
      // Once it has begun the link is no longer ours to move.
      return !hasBegun() && isLink(join(home, 'trial'));
    },
    settle: (release) => {
      const installer = join(home, release, 'hardware/install.sh');
      run(installer, ['--in-place'], { timeout: SettleMs, failure: 'PST_ERR_UPDATE' });
    },
    giveUp: () => {
      run('systemctl', ['start', ReturnService], { timeout: ReturnMs, failure: 'PST_ERR_UPDATE' });
      systemctl('stop', ReturnTimer);
    },
    look: async (release) => ({
      now: await askHealth(home, release, config),
      table: await lookAtKernelTable(),
      strangers: unitsOfOthers(join(home, release)),
    }),
    pause: (ms) => pause(ms),
    monotonic: () => performance.now(),
  };
}

/** How the gateway says it is, asked with the command line of a release; undefined where there is no answer in time. */
export function askHealth(home: string, release: string, config: string): Promise<Health | undefined> {
  const { node, script } = commandOf(home, release);
  const args = [...script, 'status', '--json', '--config', config];
  return new Promise((resolve) => {
    // The exit status is 1 with any alarm.
    execFile(node, args, { timeout: LookMs, maxBuffer: 16_777_216 }, (_, stdout) =>
      resolve(readHealth(stdout)),
    );
  });
}

/** Whether systemd keeps the gateway running here; on a box that has no bundle yet it does not. */
export function isEnforcing(): boolean {
  return spawnSync('systemctl', ['--quiet', 'is-active', 'penstock.target']).status === 0;
}

/** Node and the command line of a release. */
export function commandOf(
  home: string,
  release: string,
): { readonly node: string; readonly script: readonly string[] } {
  const root = join(home, release);
  return {
    node: join(root, 'node_modules/.bin/node'),
    script: ['--disable-warning=ExperimentalWarning', join(root, 'gateway/cli/penstock.ts')],
  };
}

/** Units of ours whose process runs out of another release: a file in use keeps the name it was started by. */
function unitsOfOthers(release: string): readonly string[] {
  const args = ['show', '--property=Id,MainPID', 'penstock-*.service'];
  const { stdout } = spawnSync('systemctl', args, { encoding: 'utf8' });
  return stdout.split('\n\n').flatMap((unit) => {
    const [, name = ''] = /^Id=(.*)$/m.exec(unit) ?? [];
    const [, pid = '0'] = /^MainPID=(.*)$/m.exec(unit) ?? [];
    return pid === '0' || programOf(pid).startsWith(`${release}/`) ? [] : [name];
  });
}

function programOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return ''; // it ended meanwhile
  }
}

function hasBegun(): boolean {
  const { stdout } = spawnSync('systemctl', ['is-active', ReturnService], { encoding: 'utf8' });
  return ['active', 'activating'].includes(stdout.trim());
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function systemctl(...args: readonly string[]): void {
  run('systemctl', args, { timeout: SettleMs, failure: 'PST_ERR_UPDATE' });
}

const ReturnService = 'penstock-return.service';
const ReturnTimer = 'penstock-return.timer';
const ReturnNote = 'penstock-return-note.service';
const ReturnUnits = [ReturnService, ReturnTimer, ReturnNote];
/** Milliseconds. */
const SettleMs = 120_000;
/** The unit's own time, and a little more. Milliseconds. */
const ReturnMs = 330_000;
const LookMs = 30_000;
