import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GrantBody } from '../../../gateway/ipc/grant-body.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { PenstockCommand } from '../../plant/namespaces/site.ts';
import { client } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { makeAskPass } from './askpass.ts';
import { type Person, totpCode } from './people.ts';
import { Box, type VendorBench } from './vendor-bench.ts';

/** What vendors use to get a local port, each as Debian ships it. */
export type Tool = 'penstock' | 'stunnel' | 'openssl' | 'ssh';

/** A running tunnel on the vendor's machine; the tool's port there is {@link LocalPort}. */
export interface Tunnel {
  readonly running: Running;
  readonly stop: () => Promise<void>;
}

export const LocalPort = 1502;

/** Starts a tool for a grant; over TLS with these credentials. Resolves when it runs, not when it is through. */
export async function openTunnel(
  world: VendorBench,
  tool: Tool,
  grant: GrantBody,
  {
    file,
    port = LocalPort,
    server = '',
  }: { readonly file?: string; readonly port?: number; readonly server?: string } = {},
): Promise<Tunnel> {
  if (tool === 'ssh') return openSsh(world, grant, port);
  const credentials = file ?? (await world.credentials(grant)).file;
  const running = world.atVendor(...TlsTools[tool](credentials, port, server, world.bench.site.folder));
  await listens(world, port);
  return { running, stop: running.stop };
}

/** `ssh -L` with password and a code that was not used yet. */
async function openSsh(world: VendorBench, grant: GrantBody, port: number): Promise<Tunnel> {
  const person = [world.vendor, world.quick].find(({ name }) => name === grant.person) ?? world.vendor;
  const { authority } = (await world.people.call('grant-credentials', { grant: grant.id }, person)) ?? {};
  const known = join(world.bench.site.folder, `${grant.id}.known_hosts`);
  writeFileSync(known, `[${Box}]:2222 ${authority}\n`);
  const askPass = makeAskPass();
  askPass.type(person.password, await freshCode(person));
  const [target] = grant.targets;
  const running = world.atVendor(
    ...askPass.env,
    ...['ssh', '-N', '-p', '2222', '-l', person.name],
    ...['-L', `127.0.0.1:${port}:${target?.asset}:${target?.port}`],
    ...[
      '-o',
      `UserKnownHostsFile=${known}`,
      '-o',
      'StrictHostKeyChecking=yes',
      '-o',
      'NumberOfPasswordPrompts=1',
    ],
    Box,
  );
  await Promise.race([listens(world, port), running.ended]);
  return {
    running,
    stop: async () => {
      await running.stop();
      askPass.remove();
    },
  };
}

/** A code is good once: the next one where the present one was used. */
export async function freshCode(person: Person): Promise<string> {
  const now = (): number => Math.floor(Date.now() / 30_000);
  const step = Math.max(now(), (usedSteps.get(person.name) ?? 0) + 1);
  usedSteps.set(person.name, step);
  await eventually('the next code', () => (step <= now() + 1 ? step : undefined));
  return totpCode(person.totp, step - now());
}

const usedSteps = new Map<string, number>();

/** Waits until something listens there, without connecting to it: that would open a channel. */
async function listens(world: VendorBench, port: number): Promise<void> {
  await eventually(`a listener on ${port}`, async () => {
    const sockets = world.atVendor('ss', '-Hltn', `sport = :${port}`);
    await sockets.ended;
    return sockets.output().trim() === '' ? undefined : true;
  });
}

const TlsTools: Readonly<
  Record<
    Exclude<Tool, 'ssh'>,
    (file: string, port: number, server: string, folder: string) => readonly string[]
  >
> = {
  penstock: (file, port, server) => [
    ...PenstockCommand,
    ...['connect', '--credentials', file, '--to', `${Box}:8443`, '--listen', `127.0.0.1:${port}`],
    ...(server === '' ? [] : ['--target', server]),
  ],
  stunnel: (file, port, server, folder) => {
    const config = join(folder, `stunnel-${port}.conf`);
    writeFileSync(
      config,
      [
        'foreground = yes',
        'pid =',
        '[target]',
        'client = yes',
        `accept = 127.0.0.1:${port}`,
        `connect = ${Box}:8443`,
        ...(server === '' ? [] : [`sni = ${server}`]),
        ...[`cert = ${file}`, `key = ${file}`, `CAfile = ${file}`],
        'verifyChain = yes',
        'sslVersionMin = TLSv1.3',
        '',
      ].join('\n'),
    );
    return ['stunnel', config];
  },
  openssl: (file, port, server) => [
    ...['socat', `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`],
    `EXEC:openssl s_client -quiet -no_ign_eof -verify_return_error -connect ${Box}\\:8443 ${server === '' ? '-noservername' : `-servername ${server}`} -cert ${file} -key ${file} -CAfile ${file}`,
  ],
};

/** Asks register 0 again and again through a local port; its lines tell when it was answered and when it was lost. */
export function poll(world: VendorBench, port = LocalPort): Running {
  return world.atVendor(process.execPath, client('poller.ts'), '127.0.0.1', String(port));
}

/** When a poller was last answered, milliseconds since the Unix epoch. */
export function lastAnswer(poller: Running): number {
  return Number([...poller.output().matchAll(/^ok (\d+)$/gm)].at(-1)?.[1] ?? 0);
}

/** `mbpoll` on the vendor's machine: reads a register, or writes a value to it. What it said. */
export async function mbpoll(
  world: VendorBench,
  register: number,
  ...values: readonly number[]
): Promise<string> {
  const asked = world.atVendor(
    ...[
      'mbpoll',
      '-m',
      'tcp',
      '-p',
      String(LocalPort),
      '-a',
      '1',
      '-0',
      '-1',
      '-t',
      '4',
      '-r',
      String(register),
    ],
    ...['127.0.0.1', ...values.map(String)],
  );
  await asked.ended;
  return asked.output();
}
