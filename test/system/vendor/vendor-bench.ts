import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentialsFile } from '../../../gateway/broker/connect-lines.ts';
import type { CredentialsBody, GrantBody } from '../../../gateway/ipc/grant-body.ts';
import { type Running, run } from '../../plant/namespaces/exec.ts';
import type { Site } from '../../plant/namespaces/site.ts';
import { type Bench, BenchGateway, benchModel, client, openBench } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { FirstAdministrator, meetPeople, type People, type Person } from './people.ts';

/** A gateway with two vendors, the people who let them in, and a controller: the whole way from request to receipt. */
export interface VendorBench {
  readonly bench: Bench;
  readonly people: People;
  readonly admin: Person;
  readonly lead: Person;
  readonly engineer: Person;
  readonly operator: Person;
  readonly vendor: Person;
  readonly quick: Person;
  /** Asks for a grant and has it approved by the two who have to. */
  readonly open: (wish?: Partial<Wish>) => Promise<GrantBody>;
  /** The credentials of a grant, as a file in the folder of the run. */
  readonly credentials: (
    grant: GrantBody,
    who?: Person,
  ) => Promise<{ readonly file: string; readonly body: CredentialsBody }>;
  readonly grant: (id: string) => Promise<GrantBody>;
  /** Waits until it is closed, and gives the cause. */
  readonly closed: (id: string) => Promise<string>;
  /** Starts something on the machine the vendor comes from. */
  readonly atVendor: (...command: readonly string[]) => Running;
  /** The setpoint register of the controller, asked on the controller itself. */
  readonly register: (address: number) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface Wish {
  readonly person: 'vendor' | 'quick' | Person;
  /** Whose yes is the second one. */
  readonly second: Person;
  readonly carrier: 'tls' | 'ssh';
  readonly targets: readonly string[];
  /** Milliseconds. */
  readonly length: number;
}

export const Dosing = 'pumpco/plc-dosing.502';
export const Intake = 'pumpco/plc-intake.44818';
export const QuickDosing = 'quickco/plc-dosing.502';
/** Where the carriers listen, on the leg of the vendors' zone. */
export const Box = '10.62.15.1';

/** With `smallDisk`, what the gateway keeps lies on a disk of its own that {@link fillDisk} fills. */
export async function openVendorBench({ smallDisk = false } = {}): Promise<VendorBench> {
  const config = ['clock: by-hand', `vendor: {tls: {listen: "${Box}:8443"}, ssh: {listen: "${Box}:2222"}}`];
  const model = benchModel('vendor/vendor.zones.yaml');
  const bench = await openBench(model, BenchGateway, config, smallDisk ? onSmallDisk : undefined);
  const plc = bench.at(
    'plc-dosing',
    process.execPath,
    client('../../plant/plc.ts'),
    '--address',
    bench.network.address('plc-dosing'),
  );
  await plc.says(/listening/);
  const people = await meetPeople(bench.gateway.config);
  const admin = await people.add(FirstAdministrator, ['administrator']);
  const lead = await people.add('lead', ['approver', 'operator'], { duties: ['shift-lead'] });
  const engineer = await people.add('otto', ['approver', 'engineer'], { duties: ['ot-engineer'] });
  const operator = await people.add('olga', ['operator']);
  const vendor = await people.add('service-1@pumpco.example', ['vendor'], { vendor: 'pumpco' });
  const quick = await people.add('quick@quickco.example', ['vendor'], { vendor: 'quickco' });

  // At the console, where nobody has to be signed in: the engine may have been started again.
  const grant = (id: string): Promise<GrantBody> => people.atConsole('grant', { grant: id });

  return {
    bench,
    people,
    admin,
    lead,
    engineer,
    operator,
    vendor,
    quick,
    grant,
    open: async ({
      person = 'vendor',
      second = engineer,
      carrier = 'tls',
      targets,
      length = 600_000,
    } = {}) => {
      const who = person === 'vendor' ? vendor : person === 'quick' ? quick : person;
      const wanted = targets ?? [who === quick ? QuickDosing : Dosing];
      const asks = { vendor: wanted[0]?.split('/')[0] ?? '', targets: [...wanted], carrier, length };
      const { id } = await people.call('grant-request', { ...asks, reason: 'a drift', ticket: 'T-7' }, who);
      await people.approve(lead, id);
      await people.approve(second, id);
      let now = await grant(id);
      const opened = await eventually(`${id} is open`, async () => {
        now = await grant(id);
        if (now.state === 'closed' || now.state === 'refused')
          throw new Error(`${id}: ${now.cause} ${now.why}`);
        return now.state === 'open' ? now : undefined;
      }).catch((error: unknown) => {
        const obstacles = now.conditions.filter(({ holds }) => !holds).map(({ sentence }) => sentence);
        throw new Error(`${error}: ${now.state}, missing ${now.missing}, ${obstacles.join(' ')}`);
      });
      // The listener comes a moment later; no person is as quick as a test.
      await eventually(`a listener for ${id}`, async () => {
        const sockets = bench.onBox('ss', '-Hltn', `sport = :${carrier === 'tls' ? 8443 : 2222}`);
        await sockets.ended;
        return sockets.output().trim() === '' ? undefined : true;
      });
      return opened;
    },
    credentials: async ({ id }, who) => {
      const body = await people.call('grant-credentials', { grant: id }, who ?? vendor);
      const file = join(bench.site.folder, `${id}.pem`);
      writeFileSync(file, credentialsFile(body));
      return { file, body };
    },
    closed: (id) =>
      eventually(`${id} is closed`, async () => {
        // The engine may be on its way up again.
        const now = await grant(id).catch(() => undefined);
        return now?.state === 'closed' ? now.cause : undefined;
      }),
    atVendor: (...command) => bench.at('jump-host', ...command),
    register: async (address) => {
      const local = ['mbpoll', '-m', 'tcp', '-a', '1', '-0', '-1', '-t', '4', '-r', String(address)];
      const asked = bench.at('plc-dosing', ...local, bench.network.address('plc-dosing'));
      await asked.ended;
      return Number(new RegExp(`\\[${address}\\]:\\s+(\\d+)`).exec(asked.output())?.[1]);
    },
    close: async () => {
      people.close();
      await plc.stop();
      await bench.close();
    },
  };
}

/** Seen by the gateway alone: `ip netns exec` gives it mounts of its own. */
function onSmallDisk({ folder }: Site): readonly string[] {
  const mount = 'mkdir -p "$0" && mount -t tmpfs -o size=64m,mode=0750 tmpfs "$0" && exec "$@"';
  return ['sh', '-c', mount, join(folder, 'state')];
}

/** Leaves no byte free on the gateway's disk, or gives it all back. */
export async function fillDisk({ bench }: Pick<VendorBench, 'bench'>, full: boolean): Promise<void> {
  const file = join(bench.site.folder, 'state', 'ballast');
  const act = full ? `cat /dev/zero > '${file}'` : `rm '${file}'`;
  await run(['nsenter', '-t', String(bench.gateway.supervisor.pid), '-m', 'sh', '-c', act]);
}

/** Something that has to be on record before it is done, and changes nothing anybody looks at; whether it was done. */
export async function isRecorded({ people, operator }: VendorBench): Promise<boolean> {
  const act = people.atConsole('account-set', { name: operator.name, fullName: `Olga at ${Date.now()}` });
  return act.then(
    () => true,
    () => false,
  );
}

/**
 * Acts until the log cannot be written: a full disk still takes what fits the last page of a file.
 * @returns when the act that found out was begun, milliseconds since the Unix epoch
 */
export async function firstUnrecorded(world: VendorBench): Promise<number> {
  for (;;) {
    const begun = Date.now();
    await isRecorded(world);
    if ((await world.people.atConsole('evidence', {})).broken !== '') return begun;
  }
}
