import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Running, run } from '../../plant/namespaces/exec.ts';
import type { Lane, Programs } from '../traffic/lane.ts';
import { resultOf, startLoad } from '../traffic/load.ts';
import { Servers, Sources } from '../traffic/model.ts';

/** What was written in some time, and by whom. */
export interface Written {
  readonly what: string;
  readonly seconds: number;
  /** Bytes that reached the block device: files, their names, the journal of the file system. */
  readonly device: number;
  /** Write requests to the device. */
  readonly requests: number;
  /** Answered in that time, a second: less than was asked for where the machine does much else. */
  readonly carried: number;
  /** Bytes that each kind of process gave to files (`write_bytes` of proc(5)). */
  readonly processes: Readonly<Record<string, number>>;
}

/** A file system of its own on a device of its own, so that everything written to it can be counted. */
export interface CountedDisk {
  readonly path: string;
  readonly counted: () => { readonly bytes: number; readonly requests: number };
  readonly close: () => Promise<void>;
}

/** An ext4 of 512 MiB with the options Debian mounts a root file system with. Needs root and a loop device. */
export async function mountDisk(folder: string, path: string): Promise<CountedDisk> {
  const image = join(folder, 'disk.img');
  mkdirSync(path);
  await must('truncate', '-s', '512M', image);
  // Without lazy initialisation, which the kernel would write for minutes.
  await must('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image);
  const device = (await must('losetup', '--find', '--show', image)).trim();
  await must('mount', '-o', 'relatime,errors=remount-ro', device, path);
  const stat = `/sys/block/${basename(device)}/stat`;
  return {
    path,
    counted: () => {
      // Field 5: writes completed; field 7: sectors of 512 bytes written (Documentation/block/stat.rst).
      const fields = readFileSync(stat, 'utf8').trim().split(/\s+/).map(Number);
      return { requests: fields[4] ?? 0, bytes: (fields[6] ?? 0) * 512 };
    },
    close: async () => {
      await run(['umount', path]);
      await run(['losetup', '--detach', device]);
    },
  };
}

/** What /run is on a box: files there cost no flash. */
export async function mountRuntime(path: string): Promise<{ readonly close: () => Promise<void> }> {
  mkdirSync(path);
  await must('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', path);
  return { close: async () => void (await run(['umount', path])) };
}

/** What the disk is asked to bear, and for how long it is counted. */
export interface Writing {
  /** Transactions a second, on 20 connections. */
  readonly rate: number;
  /** Whether they are refused. */
  readonly refused: boolean;
  readonly seconds: number;
  /** Seconds before, until connections stand and what they began is written. */
  readonly settle: number;
}

export async function measureWrites(
  lane: Lane,
  programs: Programs,
  disk: CountedDisk,
  { rate, refused, seconds, settle }: Writing,
): Promise<Written> {
  let load: Running | undefined;
  if (rate > 0) {
    // It goes on while the disk is synced at the end.
    const whole = { warmup: settle, seconds: seconds + Syncing, refused: refused ? 1 : 0 };
    load = startLoad(lane, programs, {
      sources: Sources.join(','),
      servers: Servers[0] ?? '',
      connections: 20,
      rate,
      ...whole,
    });
  }
  try {
    await delay(settle * 1000);
    await must('sync', '-f', disk.path);
    const before = await sample(lane, disk);
    await delay(seconds * 1000);
    await must('sync', '-f', disk.path);
    const after = await sample(lane, disk);
    const processes: Record<string, number> = {};
    for (const [pid, { kind, bytes }] of after.byProcess) {
      const since = before.byProcess.get(pid)?.bytes ?? 0;
      processes[kind] = (processes[kind] ?? 0) + bytes - since;
    }
    const carried = load === undefined ? 0 : (await resultOf(load, (seconds + 60) * 1000)).perSecond;
    const kindOfLoad = refused ? 'refused requests' : 'transactions';
    return {
      what: rate === 0 ? 'at rest' : `${rate} ${kindOfLoad} a second`,
      seconds: (after.at - before.at) / 1000,
      carried,
      device: after.bytes - before.bytes,
      requests: after.requests - before.requests,
      processes,
    };
  } finally {
    await load?.stop();
  }
}

async function sample(lane: Lane, disk: CountedDisk) {
  const byProcess = new Map<number, { readonly kind: string; readonly bytes: number }>();
  for (const { pid, command } of await lane.processes()) {
    const kind = /(engine|inspector|front|syslog)\/main\.ts/.exec(command)?.[1];
    if (kind !== undefined) byProcess.set(pid, { kind, bytes: writtenBy(pid) });
  }
  return { at: performance.now(), byProcess, ...disk.counted() };
}

function writtenBy(pid: number): number {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it ended meanwhile
  }
}

async function must(...command: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(command);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  return stdout;
}

/** Seconds, also on a machine that does much else. */
const Syncing = 5;
