import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askEngine } from '../../../gateway/cli/engine-client.ts';
import { readConfig } from '../../../gateway/config.ts';
import { SwitchedBody } from '../../../gateway/ipc/mode-body.ts';
import { controlSocket } from '../../../gateway/run/processes.ts';
import { compileBundle, penstock } from '../../plant/namespaces/site.ts';
import { BenchGateway, benchModel } from '../../system/bench.ts';
import { eventually } from '../../system/eventually.ts';
import {
  fillDisk,
  firstUnrecorded,
  isRecorded,
  type VendorBench,
  type Wish,
} from '../../system/vendor/vendor-bench.ts';

/** Of the policy in force. */
let version = 10;

/** One way in which a grant ends, and how to get there and back. */
export interface Cause {
  readonly name: string;
  readonly wish?: Partial<Wish>;
  /** Ends the grant. @returns when it was to end, milliseconds since the Unix epoch */
  readonly end: (world: VendorBench, grant: string) => Promise<number>;
  /** Makes the next one possible. */
  readonly restore?: (world: VendorBench) => Promise<void>;
}

/** The ten, in the order in which they are measured. */
export const Causes: readonly Cause[] = [
  { name: 'grant-stopped', end: (world, grant) => call(world, grant, 'operator') },
  { name: 'vendor-ended', end: (world, grant) => call(world, grant, 'vendor') },
  { name: 'account-revoked', end: disable('vendor'), restore: enable('vendor') },
  { name: 'approval-lost', end: disable('engineer'), restore: enable('engineer') },
  {
    name: 'mode-cut',
    end: (world) => mode(world, 'island'),
    restore: async (world) => void (await mode(world, 'normal')),
  },
  { name: 'policy-changed', end: applyNext },
  {
    name: 'evidence-lost',
    // Of this one no byte is recorded: what fails is the log alone.
    wish: { person: 'quick' },
    end: losesRecords,
    restore: async (world) => {
      await fillDisk(world, false);
      await eventually('records can be written again', async () => (await isRecorded(world)) || undefined);
    },
  },
  {
    name: 'carrier-lost',
    end: killFront,
    restore: async ({ people, lead }) => {
      people.come();
      await eventually('the engine answers', async () =>
        (await people.tries('me', {}, lead)) === 'done' ? true : undefined,
      );
    },
  },
  {
    name: 'grant-ended',
    wish: { length: 60_000 },
    end: async (world, grant) => (await world.grant(grant)).endsAt,
  },
  { name: 'grant-idle', wish: { person: 'quick' }, end: async () => 0 },
];

async function call(
  { people, ...who }: VendorBench,
  grant: string,
  by: 'operator' | 'vendor',
): Promise<number> {
  const ordered = Date.now();
  await people.call('grant-end', { grant, why: '' }, who[by]);
  return ordered;
}

function disable(who: 'vendor' | 'engineer') {
  return async (world: VendorBench): Promise<number> => {
    const ordered = Date.now();
    await world.people.atConsole('account-set', { name: world[who].name, disabled: true });
    return ordered;
  };
}

function enable(who: 'vendor' | 'engineer') {
  return async (world: VendorBench): Promise<void> => {
    await world.people.atConsole('account-set', { name: world[who].name, disabled: false });
    await world.people.signIn(world[who]);
  };
}

async function mode({ bench }: VendorBench, name: string): Promise<number> {
  const socket = controlSocket(readConfig(bench.gateway.config));
  const ordered = Date.now();
  await askEngine(
    socket,
    { kind: 'mode', id: 1, by: 'tess', mode: name, why: 'bench', pace: 0 },
    SwitchedBody,
  );
  return ordered;
}

/** Another limit each time, which is another policy for the grant. */
async function applyNext({ bench }: VendorBench): Promise<number> {
  version += 1;
  const { folder, privateKey } = bench.site;
  const [model, bundle] = [join(folder, 'next.zones.yaml'), join(folder, 'next.bundle')];
  const text = readFileSync(benchModel('vendor/vendor.zones.yaml'), 'utf8');
  writeFileSync(
    model,
    text
      .replace('policy_version: 10', `policy_version: ${version}`)
      .replace('max: 500', `max: ${500 + version}`),
  );
  await compileBundle({ model, gateway: BenchGateway, privateKey, bundle });
  const said = await penstock(
    'apply',
    bundle,
    '--confirm-now',
    '--by',
    'tess',
    '--config',
    bench.gateway.config,
  );
  if (said.status !== 0) throw new Error(said.stderr);
  // The command has just heard that it is in force.
  return Date.now();
}

/** The disk is full, and an act finds out. */
async function losesRecords(world: VendorBench): Promise<number> {
  await fillDisk(world, true);
  return firstUnrecorded(world);
}

async function killFront({ people, bench }: VendorBench): Promise<number> {
  people.leave();
  const [front = 0] = await bench.gateway.pids('front');
  const ordered = Date.now();
  process.kill(front, 'SIGKILL');
  return ordered;
}
