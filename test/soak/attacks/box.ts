import { askEngine } from '../../../gateway/cli/engine-client.ts';
import { readSigningKey, sealPolicy } from '../../../gateway/cli/seal.ts';
import { AppliedBody } from '../../../gateway/ipc/snapshot.ts';
import { mustRunIn, runIn } from '../../plant/namespaces/exec.ts';
import { eventually } from '../../system/eventually.ts';
import { type Attack, pause, unless } from '../attack.ts';
import { countsOf } from '../counts.ts';
import { tally } from '../programs.ts';
import type { SoakBench } from '../soak-bench.ts';
import { refusedMeanwhile } from './requests.ts';

const Hour = 3_600_000;
/** Milliseconds. */
const Unplugged = 2_000;
/** How far the wall clock is off, one after the other, milliseconds. */
const Steps = [Hour, -24 * Hour, 10 * 365 * 24 * Hour, -Hour, 0];

/** What happens to the box itself: its wires, its clock, its kernel, its policy. */
export const BoxAttacks: readonly Attack[] = [
  {
    name: 'dropped-packets',
    what: '20 000 datagrams a second that no flow permits, each of them logged by the kernel',
    run: async (bench, seconds) => {
      const missing = await notTaken(bench);
      const { sent } = await tally<{ readonly sent: number }>(
        bench.attack(
          'visitor',
          'packets',
          'udp',
          bench.network.address('visitor'),
          bench.network.address('plc-1'),
          161,
          20_000,
          seconds,
        ),
      );
      const lost = (await notTaken(bench)) - missing;
      return {
        drops: { reason: 'no-flow', count: sent - lost },
        notes: [`${sent} datagrams, ${lost} lost before the box`],
      };
    },
  },
  {
    name: 'clock-steps',
    what: 'the wall clock of the box an hour on, a day back, ten years on and right again',
    run: async (bench, seconds) => {
      const before = bench.evidence.read();
      // Long enough that newcomers, five a second, end in each step.
      const step = Math.max(1_000, (seconds * 1000) / Steps.length);
      const [done] = await Promise.all([
        refusedMeanwhile(bench, (step * Steps.length) / 1000),
        stepThrough(bench, step),
      ]);
      const after = await eventually('a record of ten years on', () => {
        const now = bench.evidence.read();
        return now.ahead > before.ahead ? now : undefined;
      });
      const removed = (after.acts.get('removed') ?? 0) - (before.acts.get('removed') ?? 0);
      const wrong = unless(removed === 0, `${removed} segments of evidence were given up as old`);
      return { ...done, wrong: [...wrong, ...(done.wrong ?? [])] };
    },
  },
  {
    name: 'controllers-unplugged',
    what: 'the interface towards the controllers down for 2 s',
    delays: 'the wire is away',
    takesAway: ['modbus', 'beside', 'newcomers'],
    cuts: {
      why: 'without a route nobody new can be led to a controller',
      flows: ['newcomers'],
      within: 10_000,
    },
    run: unplug('proc0'),
  },
  {
    name: 'clients-unplugged',
    what: 'the interface towards the clients down for 2 s, with refused writes under way',
    delays: 'the wire is away',
    run: async (bench, seconds) => {
      const refused = refusedMeanwhile(bench, Unplugged / 1000 + 1);
      await pause(500);
      await unplug('sup0')(bench, seconds);
      return refused;
    },
  },
  {
    name: 'policy-every-second',
    what: 'another policy each second, with refused writes under way',
    run: async (bench, seconds) => {
      const refused = refusedMeanwhile(bench, seconds);
      const wrong: string[] = [];
      let applied = 0;
      for (const end = performance.now() + seconds * 1000; performance.now() < end; applied += 1) {
        const begun = performance.now();
        wrong.push(...(await replacePolicy(bench)));
        await pause(Math.max(0, 1_000 - (performance.now() - begun)));
      }
      const done = await refused;
      return {
        ...done,
        wrong: [...wrong, ...(done.wrong ?? [])],
        notes: [`${applied} policies`, ...(done.notes ?? [])],
      };
    },
  },
  {
    name: 'table-deleted',
    what: 'somebody with all rights deletes the kernel table, or all tables, once a second, with refused writes under way',
    delays: 'nothing is diverted until the table is back',
    run: async (bench, seconds) => {
      const before = (await countsOf(bench.controlSocket)).tableChanges;
      const [visitor, plc] = [bench.network.address('visitor'), bench.network.address('plc-1')];
      // Whatever stands open while the table is away is found by these.
      const knocked = tally<{ readonly sent: number }>(
        bench.attack('visitor', 'packets', 'udp', visitor, plc, 161, 1_000, Math.max(2, seconds) + 1),
      );
      const refused = refusedMeanwhile(bench, Math.max(2, seconds));
      let times = 0;
      for (; times < Math.max(2, seconds); times += 1) {
        const act = times % 2 === 0 ? ['delete', 'table', 'inet', 'penstock'] : ['flush', 'ruleset'];
        await runIn(bench.network.gateway, ['nft', ...act]);
        await pause(1_000);
      }
      const [{ sent }, done] = await Promise.all([knocked, refused]);
      const seen = (await countsOf(bench.controlSocket)).tableChanges - before;
      return {
        ...done,
        wrong: [
          ...unless(seen === times, `${seen} of ${times} changes of the table were seen`),
          ...unless(sent > 0, 'nobody knocked'),
          ...(done.wrong ?? []),
        ],
      };
    },
  },
];

async function stepThrough({ setClock }: SoakBench, step: number): Promise<void> {
  for (const offset of Steps) {
    setClock(offset);
    await pause(step);
  }
}

function unplug(device: string): Attack['run'] {
  return async (bench) => {
    await mustRunIn(bench.network.gateway, 'ip', 'link', 'set', device, 'down');
    await pause(Unplugged);
    await mustRunIn(bench.network.gateway, 'ip', 'link', 'set', device, 'up');
    return {};
  };
}

/** Packets that came to the gateway's plug and were given up before any rule saw them. */
async function notTaken({ network }: SoakBench): Promise<number> {
  return Number(await mustRunIn(network.gateway, 'cat', '/sys/class/net/sup0/statistics/rx_dropped'));
}

/** The same rules under the next version; the profile of the taken-over client has another limit each time. */
async function replacePolicy({ site, controlSocket }: SoakBench): Promise<readonly string[]> {
  const version = (await countsOf(controlSocket)).policy.version + 1;
  const policy = {
    ...site.policy,
    version,
    profiles: site.policy.profiles.map((profile) =>
      profile.name === 'fieldwork'
        ? { ...profile, limits: { ...profile.limits, outstanding: 16 + (version % 8) } }
        : profile,
    ),
  };
  const envelope = Buffer.from(sealPolicy(policy, readSigningKey(site.privateKey))).toString('base64');
  const asked = { kind: 'apply', id: 1, envelope, by: 'soak', confirmWithin: 0, dryRun: false } as const;
  const answer = await askEngine(controlSocket, asked, AppliedBody);
  return answer.ok ? [] : [`version ${version} was not taken: ${answer.code} ${answer.sentence}`];
}
