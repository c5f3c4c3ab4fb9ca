import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, type Running, run, start } from '../plant/namespaces/exec.ts';
import { eventually } from '../system/eventually.ts';

/** The file system under the gateway's state, which nobody else uses and which is done things to. */
export interface Disk {
  /** A file system on a loop device, or memory where there is none: that can be filled, and neither stall nor break. */
  readonly kind: 'loop' | 'memory';
  /** Leaves no byte free, or gives all back. */
  readonly fill: (full: boolean) => Promise<void>;
  /** Nothing is written for so many milliseconds: whoever tries waits, as on a disk that is worn out. */
  readonly stall: (milliseconds: number) => Promise<void>;
  /**
   * What the kernel does when a disk fails: the file system takes no write any more, on open files neither. What was
   * written before is on the medium: how much a sudden end may cost is asked in `test/gateway/evidence/power-cut.test.ts`.
   */
  readonly breakDown: () => Promise<void>;
  /** The file system is mounted anew in its place, as after the disk was mended. */
  readonly mend: () => Promise<void>;
}

/** Size of the file system, MiB. */
const Size = 192;

/** Whether a file system can be made on a loop device here. */
export async function hasLoopDevices(folder: string): Promise<boolean> {
  if (!existsSync('/dev/loop-control')) return false;
  const image = imageOf(folder);
  const made = await run(['sh', '-c', `truncate -s ${Size}M '${image}' && mkfs.ext4 -q -F '${image}'`]);
  if (made.status !== 0) return false;
  const tried = `d=$(mktemp -d) && mount -o loop '${image}' "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s`;
  return (await run(['unshare', '-m', 'sh', '-c', tried])).status === 0;
}

/**
 * A command that mounts it where only the gateway sees it, and executes the rest of its words: `ip netns exec` has given
 * them mounts of their own, so it goes with the last of them.
 */
export function mountCommand(folder: string, kind: Disk['kind']): readonly string[] {
  const how =
    kind === 'loop'
      ? `mount -o loop '${imageOf(folder)}' "$0"`
      : `mount -t tmpfs -o size=${Size}m,mode=0750 tmpfs "$0"`;
  return ['sh', '-c', `mkdir -p "$0" && ${how} && exec "$@"`, stateOf(folder)];
}

/** @param witness a process that sees the mount */
export function diskOf(folder: string, kind: Disk['kind'], witness: number): Disk {
  const state = stateOf(folder);
  const seen = ['nsenter', '-t', String(witness), '-m'];

  async function does(script: string): Promise<Outcome> {
    const said = await run([...seen, 'sh', '-c', script]);
    if (said.status !== 0) throw new Error(`${script}: ${said.stdout}${said.stderr}`);
    return said;
  }

  return {
    kind,
    fill: async (full) => {
      const ballast = join(state, 'ballast');
      // That it does not all fit is the point. A disk that breaks soon after must not give the ballast back.
      await does(
        full
          ? `cat /dev/zero > '${ballast}' 2>/dev/null || true`
          : `rm -f '${ballast}' && sync -f '${state}'`,
      );
    },
    stall: async (milliseconds) => {
      const seconds = milliseconds / 1000;
      // Of one process, so that nothing stays frozen whatever becomes of this one.
      const freezer: Running = start([
        ...seen,
        'sh',
        '-c',
        `trap '' TERM INT HUP; fsfreeze -f '${state}' && sleep ${seconds}; fsfreeze -u '${state}'`,
      ]);
      const { status, stderr } = await freezer.ended;
      if (status !== 0) throw new Error(`fsfreeze ${state}: ${stderr}`);
    },
    breakDown: async () => void (await does(`sync -f '${state}' && mount -o remount,abort '${state}'`)),
    mend: async () => {
      const image = imageOf(folder);
      await does(`umount -l '${state}'`);
      // While a file of it is open somewhere, a mount would give the broken one again.
      await eventually('the end of the broken file system', async () =>
        (await does(`losetup -j '${image}'`)).stdout === '' ? true : undefined,
      );
      await does(`mount -o loop '${image}' '${state}'`);
    },
  };
}

function stateOf(folder: string): string {
  return join(folder, 'state');
}

function imageOf(folder: string): string {
  return join(folder, 'disk.img');
}
