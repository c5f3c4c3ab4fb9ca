import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { mustRunIn } from '../../plant/namespaces/exec.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { type HostileWords, hostileModel, PlainWords } from '../../policy/compile/hostile-model.ts';
import { type BareBox, batchOf, layBareBox, openEverything } from './bare-box.ts';

/** Names the model lets through, and that nft's own language gives a meaning or another form. */
const Words: Readonly<Record<string, HostileWords>> = {
  keywords: {
    ...PlainWords,
    devices: ['drop', 'lo0'],
    zones: ['accept', 'forward'],
    assets: ['table', 'flush', 'ruleset'],
    service: 'th',
    conduit: 'map',
    flows: ['set', 'chain', 'rule'],
    gatedConduit: 'meter',
    mode: 'all',
  },
  numbers: {
    ...PlainWords,
    devices: ['0', '0x1'],
    zones: ['1e3', '127.0.0.1'],
    assets: ['10.0.0.1', '0', '1-2'],
    service: '80',
    conduit: '1.',
    flows: ['0', '00', '-'.padStart(2, '1')],
    gatedConduit: '1_',
    mode: '9',
  },
  long: {
    ...PlainWords,
    devices: ['a'.repeat(15), 'b'.repeat(15)],
    zones: ['z'.repeat(20), 'Z'.repeat(20)],
    assets: ['p'.repeat(63), 'q'.repeat(63), 'r'.repeat(63)],
    service: 's'.repeat(63),
    conduit: 'c'.repeat(32),
    flows: ['f'.repeat(32), 'g'.repeat(32), 'h'.repeat(32)],
    gatedConduit: 'd'.repeat(9),
    mode: 'm'.repeat(32),
  },
};

let bare: BareBox;

beforeAll(async () => {
  bare = await layBareBox();
});

afterEach(() => bare.clear());
afterAll(() => bare.destroy());

test.for(Object.entries(Words))(
  '%s as names come back from the kernel as they were sent',
  async ([, words]) => {
    const { policies } = compileText(hostileModel(words));
    const [policy] = policies.values();
    if (policy === undefined) throw new Error('no policy');
    const batches = [batchOf(policy), openEverything(policy, 3600)];
    await bare.load(...batches);
    expect(await bare.differences(batches)).toEqual([]);

    // A failed change is undone by what the kernel lists in nft's own language, where names stand bare.
    const listed = await mustRunIn(bare.box, 'nft', 'list', 'table', 'inet', 'penstock');
    await mustRunIn(bare.box, 'nft', 'delete', 'table', 'inet', 'penstock');
    await bare.loadText(listed);
    expect(await bare.differences(batches)).toEqual([]);
  },
);
