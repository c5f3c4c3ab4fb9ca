import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Two pseudo-terminals and everything that passes between them: a serial line without the wire. */
export interface Wire {
  /** The end that the gateway opens, and the devices' end. */
  readonly gateway: string;
  readonly devices: string;
  /** All bytes that ever went to the devices, as they went. */
  readonly asked: () => Buffer;
  /** Both ends go away at once, as an adapter does that is pulled out. */
  readonly unplug: () => Promise<void>;
  readonly plug: () => Promise<void>;
  /** Nothing passes any more, though both ends are there. */
  readonly block: () => void;
  readonly close: () => Promise<void>;
}

/** A wire whose ends belong to the ttys' group, as Debian has it. */
export async function stretchWire(): Promise<Wire> {
  const folder = mkdtempSync(join(tmpdir(), 'pst-wire-'));
  // The processes that open an end have users of their own.
  chmodSync(folder, 0o755);
  const [gateway, devices] = [join(folder, 'gateway'), join(folder, 'devices')];
  const dump = join(folder, 'asked');
  let socat: ChildProcess | undefined;
  let before: Buffer = Buffer.alloc(0);

  const asked = (): Buffer =>
    Buffer.concat([before, socat !== undefined && existsSync(dump) ? readFileSync(dump) : Buffer.alloc(0)]);

  async function plug(): Promise<void> {
    const end = (link: string): string => `pty,raw,echo=0,link=${link},group=dialout,mode=660`;
    socat = spawn('socat', ['-r', dump, end(gateway), end(devices)], { stdio: 'inherit' });
    while (!existsSync(gateway) || !existsSync(devices)) await delay(5);
  }

  async function unplug(): Promise<void> {
    if (socat === undefined) return;
    const ended = once(socat, 'exit');
    socat.kill('SIGTERM');
    socat.kill('SIGCONT');
    await ended;
    before = asked();
    rmSync(dump, { force: true });
    socat = undefined;
  }

  await plug();
  return {
    gateway,
    devices,
    asked,
    unplug,
    plug,
    block: () => void socat?.kill('SIGSTOP'),
    close: async () => {
      await unplug();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
