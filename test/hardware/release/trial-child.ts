/**
 * trial-child.ts HOME RELEASE KILL-AT HEALTH: a trial on a box of its own, which ends by SIGKILL before one of its steps.
 * Units are a file that the installer of a release writes its version into; HEALTH is how the release turns out. The
 * gateway is stopped where there is a file of that name.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Health } from '../../../hardware/release/health.ts';
import { tryRelease } from '../../../hardware/release/trial.ts';

const [home = '', release = '', killAt = '', health = ''] = process.argv.slice(2);
const armed = join(home, 'armed');
let now = 0;

const well: Health = {
  policyVersion: 1,
  policyDigest: 'd',
  backEnd: 'kernel',
  startedAt: 1,
  inspectors: [{ pid: 1, shards: [0] }],
  nftChild: 'up',
  evidenceFailing: '',
  alarms: [],
  pending: false,
};
const looks: Readonly<Record<string, () => Health | undefined>> = {
  well: () => well,
  dead: () => undefined,
  'dying again and again': () => ({ ...well, startedAt: now }),
  deaf: () => ({ ...well, inspectors: [{ pid: 1, shards: [] }] }),
};

const end = await tryRelease(
  {
    arm: () => writeFileSync(armed, ''),
    disarm: () => {
      rmSync(armed, { force: true });
      return true;
    },
    settle: (one) => {
      execFileSync(join(home, one, 'hardware/install.sh'), ['--in-place']);
    },
    giveUp: () => {
      execFileSync('sh', [join(home, 'trial/hardware/release/return.sh'), home]);
    },
    look: async () => ({ now: looks[health]?.(), table: 'right', strangers: [] }),
    pause: async (ms) => {
      now += ms;
    },
    monotonic: () => now,
  },
  {
    home,
    release,
    before: well,
    enforces: () => !existsSync(join(home, 'stopped')),
    patience: 30_000,
    report: (step) => {
      if (step === killAt) process.kill(process.pid, 'SIGKILL');
    },
  },
);
console.log(JSON.stringify(end));
