import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRunIn, run, startIn } from '../../plant/namespaces/exec.ts';
import { startJanitor } from '../../plant/namespaces/janitor.ts';
import { createPlantNetwork, type PlantNetwork, scratchFolder } from '../../plant/namespaces/topology.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import type { Bench } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { type Box, Shared, startBox } from './box.ts';

/** Two boxes between the same two zones, a cable between them, and hosts that use the shared addresses. */
export interface PairBench extends Pick<Bench, 'network' | 'at'> {
  readonly boxes: readonly [Box, Box];
  /** The one that has all shared addresses while the other has none; waits for it. */
  readonly carrier: () => Promise<Box>;
  readonly other: (box: Box) => Box;
  /** Of the cable between a box and a wire. */
  readonly cable: (box: Box, device: string, state: 'up' | 'down') => Promise<void>;
  /** Takes every device away from a box at once, and gives them back. */
  readonly unplug: (box: Box) => Promise<void>;
  readonly plugIn: (box: Box) => Promise<void>;
  /** A power cut, and the start after it. */
  readonly cutPower: (box: Box) => Promise<void>;
  readonly boot: (box: Box) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param edit of the model of the second box, which is otherwise under the policy of the first */
export async function openPair(edit: (model: string) => string = (model) => model): Promise<PairBench> {
  const folder = scratchFolder();
  // Accounts of their own read what lies in it.
  chmodSync(folder, 0o755);
  const model = fileURLToPath(new URL('pair.zones.yaml', import.meta.url));
  const edited = join(folder, 'edited.zones.yaml');
  const layout = compileText(readFileSync(model, 'utf8')).policies.get('box-a');
  if (layout === undefined) throw new Error('the model of the pair does not compile');
  const network = await createPlantNetwork(layout, folder);
  const second = `pst-${process.pid}-${randomBytes(3).toString('hex')}-second`;
  const janitor = startJanitor([second], join(folder, 'second'));
  const close = async () => {
    await janitor.clean();
    await network.destroy();
  };
  try {
    writeFileSync(edited, edit(readFileSync(model, 'utf8')));
    await must('ip', 'netns', 'add', second);
    await must('ip', '-n', second, 'link', 'set', 'lo', 'up');
    const plugs = [plugsOf(network.gateway, 'gateway', 2), plugsOf(second, 'second', 3)] as const;
    await plugInLegs(network, plugs[1]);
    await plugInLink(...plugs);
    const plugsOfBox = (box: Box) => (box.namespace === second ? plugs[1] : plugs[0]);
    for (const asset of network.assets) {
      const router = network.address(asset).startsWith('10.61.20.') ? Shared[0] : Shared[1];
      await mustRunIn(network.of(asset), 'ip', 'route', 'replace', 'default', 'via', router ?? '');
    }
    const boxes = [
      await startBox('box-a', network.gateway, model, folder),
      await startBox('box-b', second, edited, folder),
    ] as const;
    const other = (box: Box) => (box === boxes[0] ? boxes[1] : boxes[0]);
    const carrier = () =>
      eventually('one box that has every shared address, and one that has none', async () => {
        const held = await Promise.all(boxes.map((box) => box.holds()));
        if (held.join() === 'all,none') return boxes[0];
        return held.join() === 'none,all' ? boxes[1] : undefined;
      });
    const unplug = async ({ namespace }: Box) => {
      for (const device of ['sup0', 'proc0', 'sync0'])
        await must('ip', '-n', namespace, 'link', 'del', device);
    };
    const plugIn = async (box: Box) => {
      await plugInLegs(network, plugsOfBox(box));
      await plugInLink(...plugs);
    };
    await carrier();
    return {
      network,
      at: (asset, ...command) => startIn(network.of(asset), command),
      boxes,
      carrier,
      other,
      cable: (box, device, state) =>
        must('ip', '-n', network.wire(device), 'link', 'set', 'dev', plugsOfBox(box).socket, state),
      unplug,
      plugIn,
      cutPower: async (box) => {
        await unplug(box);
        await box.die();
      },
      boot: (box) => box.boot(() => plugIn(box)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the model says of one box. */
interface Plugs {
  readonly namespace: string;
  /** What its ends of the cables are called on the wires. */
  readonly socket: string;
  readonly legs: readonly (readonly [device: string, address: string])[];
  readonly link: string;
}

function plugsOf(namespace: string, socket: string, host: number): Plugs {
  return {
    namespace,
    socket,
    legs: [
      ['sup0', `10.61.20.${host}/24`],
      ['proc0', `10.61.30.${host}/24`],
    ],
    link: `192.0.2.${host - 1}/30`,
  };
}

async function plugInLegs({ wire }: PlantNetwork, { namespace, socket, legs }: Plugs): Promise<void> {
  for (const [device, address] of legs) {
    const peer = ['peer', 'name', socket, 'netns', wire(device)];
    await must('ip', '-n', namespace, 'link', 'add', device, 'type', 'veth', ...peer);
    await must('ip', '-n', wire(device), 'link', 'set', 'dev', socket, 'master', 'wire', 'up');
    await must('ip', '-n', namespace, 'address', 'add', address, 'dev', device);
    await must('ip', '-n', namespace, 'link', 'set', device, 'up');
  }
}

async function plugInLink(one: Plugs, other: Plugs): Promise<void> {
  const cable = ['link', 'add', 'sync0', 'type', 'veth', 'peer', 'name', 'sync0', 'netns', other.namespace];
  await must('ip', '-n', one.namespace, ...cable);
  for (const { namespace, link } of [one, other]) {
    await must('ip', '-n', namespace, 'address', 'add', link, 'dev', 'sync0');
    await must('ip', '-n', namespace, 'link', 'set', 'sync0', 'up');
  }
}

async function must(...command: readonly string[]): Promise<void> {
  const { status, stderr } = await run(command);
  if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
}
