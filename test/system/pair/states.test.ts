import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Python } from '../../groups.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import { runIn } from '../../plant/namespaces/exec.ts';
import { client } from '../bench.ts';
import { type Capture, capture } from '../capture.ts';
import { eventually } from '../eventually.ts';
import { lacks } from '../tools.ts';
import type { Box } from './box.ts';
import { openPair, type PairBench } from './pair-bench.ts';

describe.skipIf(lacks('tcpdump', 'keepalived', 'conntrackd'))(
  'a box under a stricter policy takes over',
  () => {
    let bench: PairBench;
    let loose: Box;
    let strict: Box;
    let kept: Running;
    let cut: Running;
    let seen: Capture;

    beforeAll(async () => {
      // The second box has not got C-01/F-05, port 80.
      bench = await openPair((model) => model.replace(/ +F-05: .*\n/, ''));
      [loose, strict] = bench.boxes;
      await carries(loose);
      const server = bench.network.address('plc-intake');
      for (const port of ['443', '80'])
        await peer('plc-intake', 'tcp-listen', server, port).says(/listening/, Patience);
      [kept, cut] = [peer('eng-ws', 'tcp', server, '443'), peer('eng-ws', 'tcp', server, '80')];
      for (const one of [kept, cut]) {
        one.tell('cafe');
        await one.says(/got cafe/, Patience);
      }
      seen = await capture(bench.network.of('plc-intake'), 'tcp dst port 80');
      await eventually('both states at the other box', async () => {
        const { stdout } = await strict.run('conntrackd', '-e');
        return /dport=443/.test(stdout) && /dport=80\b/.test(stdout) ? true : undefined;
      });
      await bench.cable(loose, 'proc0', 'down');
      await carries(strict);
    }, Patience);

    afterAll(() => bench?.close());

    test('with the states of both connections in its kernel, and stamps that are not its own', async () => {
      const states = await eventually('both states in the kernel', async () => {
        const { stdout } = await strict.run('conntrack', '-L', '-p', 'tcp', '--state', 'ESTABLISHED');
        return /dport=443/.test(stdout) && /dport=80\b/.test(stdout) ? stdout : undefined;
      });
      const mark = Number(/dport=80\b.*mark=(\d+)/.exec(states)?.[1]);
      expect(mark).toBe(loose.site.policy.flows.find(({ id }) => id === 'C-01/F-05')?.number);
      expect(strict.site.policy.flows.map(({ number }) => number)).not.toContain(mark);
    });

    test('the connection that its policy permits goes on, and gets its own stamp', async () => {
      kept.tell('beef');
      await kept.says(/got beef/);
      const { stdout } = await strict.run('conntrack', '-L', '-p', 'tcp', '--dport', '443');
      const number = strict.site.policy.flows.find(({ id }) => id === 'C-01/F-03')?.number;
      expect(stdout).toContain(`mark=${number}`);
    });

    test('the connection that its policy does not permit ends, whatever the other box had let begin', async () => {
      const before = seen.packets().length;
      cut.tell('beef');
      await cut.says(/failed ECONNRESET|ended/);
      // The plain flow takes the same way behind it; when it has passed, the other had its chance.
      kept.tell('f00d');
      await kept.says(/got f00d/);
      expect(seen.packets().slice(before)).toEqual([]);
      expect(await dropped(strict, 'no-flow')).toBeGreaterThan(0);
    });

    test('a state made up at the link opens nothing, and lends its stamp to nobody', async () => {
      const { network } = bench;
      const [hmi, plc] = [network.address('hmi-1'), network.address('plc-dosing')];
      const number = strict.site.policy.flows.find(({ id }) => id === 'C-01/F-03')?.number;
      const way = ['-p', 'tcp', '-s', hmi, '-d', plc, '--sport', '40022', '--dport', '22'];
      const state = ['--state', 'ESTABLISHED', '-u', 'SEEN_REPLY,ASSURED', '-t', '300', '-m', String(number)];
      const made = await strict.run('conntrack', '-I', ...way, ...state);
      expect(made.stderr).toMatch(/1 flow entries have been created/);
      const wire = await capture(network.of('plc-dosing'), 'tcp dst port 22');
      const before = await dropped(strict, 'no-flow');
      const said = await runIn(network.of('hmi-1'), [
        Python,
        client('forge.py'),
        hmi,
        '40022',
        plc,
        '22',
        '10',
        'cafe',
      ]);
      expect(said.stdout).toContain('sent 10');
      await eventually('ten refusals', async () =>
        (await dropped(strict, 'no-flow')) >= before + 10 ? true : undefined,
      );
      expect(await wire.stop()).toEqual([]);
    });

    function peer(asset: string, ...words: readonly string[]): Running {
      return bench.at(asset, process.execPath, client('peer.ts'), ...words);
    }

    async function carries(box: Box): Promise<void> {
      await eventually(`${box.name} to carry`, async () =>
        (await bench.carrier()) === box ? true : undefined,
      );
    }
  },
);

/** Two gateways start one after the other. Milliseconds. */
const Patience = 600_000;

async function dropped(box: Box, counter: string): Promise<number> {
  const { stdout } = await box.run('nft', 'list', 'counter', 'inet', 'penstock', counter);
  return Number(/packets (\d+)/.exec(stdout)?.[1]);
}
