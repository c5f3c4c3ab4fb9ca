import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { closedCommands } from '../../../gateway/enforce/kernel/closed-table.ts';
import type { DropReader } from '../../../gateway/enforce/kernel/drops.ts';
import { createFakeNft } from '../../../gateway/enforce/kernel/fake-nft.ts';
import { enforceByKernel, type KernelParts } from '../../../gateway/enforce/kernel/kernel-enforcement.ts';
import type { Nft, NftObject } from '../../../gateway/enforce/kernel/nft.ts';
import { createRouting } from '../../../gateway/enforce/kernel/routing.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import { createLog } from '../../../gateway/log.ts';
import { GuardChain } from '../../../rules/nft/guard.ts';
import { batchText, renderReplace } from '../../../rules/nft/render.ts';
import type { Ruleset } from '../../../rules/nft/ruleset.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compileText } from '../../policy/compile/compile-text.ts';
import { memoryLog } from '../engine/memory-log.ts';
import { type FakeNetwork, fakeNetwork } from './fake-network.ts';
import { gatedFlow, leg, policyOf, rulesetWithFlows } from './policies.ts';

const Now = Date.UTC(2026, 8, 1);
const First = policyOf({ nft: batchText(renderReplace(rulesetWithFlows(['C-01/F-01', 443]))) });
const Second = policyOf({ version: 2, nft: batchText(renderReplace(rulesetWithFlows(['C-02/F-01', 80]))) });
const Guarded = policyOf({ interfaces: [leg('sup0', 'supervisory')], nft: withGuard(rulesetWithFlows()) });
/** Of a compiler that knew no guard. */
const Older = policyOf({ ...Guarded, version: 2, nft: First.nft });
const Gated = policyOf({ flows: [gatedFlow(7, 'C-06/F-01'), gatedFlow(8, 'C-06/F-02')] });

test('a policy comes in one transaction, and forwarding after the read-back', async () => {
  const { nft, network, enforcement } = bench();
  await enforcement.apply(First, []);
  expect(nft.transactions).toHaveLength(1);
  expect(network.settings.get('ipv4/ip_forward')).toBe('1');
  expect(await enforcement.verify()).toEqual([]);
});

test('a kernel without our table forwards nothing from the start on, and takes the first policy', async () => {
  const { nft, enforcement } = bench();
  await enforcement.holdShut();
  expect(nft.transactions).toHaveLength(1);
  const chains = (await nft.listTable('penstock'))?.filter((object) => 'chain' in object);
  expect(chains).toMatchObject([{ chain: { hook: 'forward', policy: 'drop' } }]);
  await enforcement.apply(First, []);
  expect(await enforcement.verify()).toEqual([]);
});

test('what an earlier engine left standing is not shut by the next one', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(First, []);
  await enforcement.holdShut();
  expect(nft.transactions).toHaveLength(1);
  expect(await flowIds(enforcement)).toEqual(['C-01/F-01']);
});

test('a ruleset that is not of our form is refused before the kernel hears of it', async () => {
  const { nft, enforcement } = bench();
  const foreign = policyOf({ nft: First.nft.replace('"policy":"drop"', '"polcy":"drop"') });
  await expect(enforcement.check(foreign)).rejects.toMatchObject({ code: 'PST_ERR_NFT_SCHEMA' });
  await expect(enforcement.apply(foreign, [])).rejects.toMatchObject({ code: 'PST_ERR_NFT_SCHEMA' });
  await expect(enforcement.apply(policyOf({ nft: '{' }), [])).rejects.toMatchObject({
    code: 'PST_ERR_NFT_SCHEMA',
  });
  expect(nft.transactions).toEqual([]);
});

test('a dry run changes nothing', async () => {
  const { nft, enforcement } = bench();
  await enforcement.check(First);
  expect(nft.tables()).toEqual([]);
});

test('a refused replacement leaves the former ruleset and its routes', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(First, []);
  nft.failNext('refused', 2);
  await expect(enforcement.apply(Second, [])).rejects.toMatchObject({ code: 'PST_ERR_NFT_APPLY' });
  expect(await flowIds(enforcement)).toEqual(['C-01/F-01']);
  expect(await enforcement.verify()).toEqual([]);
});

test('a read-back that differs puts the former ruleset back', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(First, []);
  nft.distort(openForward);
  await expect(enforcement.apply(Second, [])).rejects.toMatchObject({ code: 'PST_ERR_NFT_READ_BACK' });
  nft.distort(undefined);
  expect(nft.transactions.at(-1)).toBe('restored');
  expect(await flowIds(enforcement)).toEqual(['C-01/F-01']);
});

test('a read-back that differs on a box without a former ruleset closes it, and forwarding stays off', async () => {
  const { nft, network, enforcement } = bench();
  nft.distort(openForward);
  await expect(enforcement.apply(First, [])).rejects.toMatchObject({ code: 'PST_ERR_NFT_READ_BACK' });
  expect(nft.transactions.at(-1)).toBe(closedCommands);
  expect(network.settings.get('ipv4/ip_forward')).toBeUndefined();
});

test('when the child dies after the kernel took the transaction, the read-back says so and it counts', async () => {
  const { nft, enforcement } = bench();
  nft.failNext('died-after');
  await enforcement.apply(First, []);
  expect(await flowIds(enforcement)).toEqual(['C-01/F-01']);
});

test('when the child dies before the kernel took the transaction, the former ruleset stays', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(First, []);
  nft.failNext('died-before');
  await expect(enforcement.apply(Second, [])).rejects.toMatchObject({ code: 'PST_ERR_NFT_CHILD' });
  expect(await flowIds(enforcement)).toEqual(['C-01/F-01']);
  expect(nft.transactions).toHaveLength(1);
});

test('without a policy again, what stood before the first one holds traffic, and the next one can come', async () => {
  const { nft, enforcement } = bench();
  await enforcement.holdShut();
  const before = await nft.listTable('penstock');
  await enforcement.apply(First, []);
  await enforcement.apply(Second, []);
  await enforcement.withdraw();
  expect(await nft.listTable('penstock')).toEqual(before);
  expect(await enforcement.verify()).toEqual([]);
  await enforcement.apply(First, []);
  expect(await flowIds(enforcement)).toEqual(['C-01/F-01']);
});

test('a policy that a former engine left without its being confirmed gives way to a closed box', async () => {
  const { nft, enforcement } = bench();
  await enforcement.withdraw();
  expect(nft.transactions.at(-1)).toBe(closedCommands);
});

test('what is loaded is what the kernel lists, with the gates and the mode it was loaded for', async () => {
  const { enforcement } = bench();
  await enforcement.apply(Gated, [{ flow: 'C-06/F-01', until: 0 }]);
  const loaded = await enforcement.loaded();
  expect(loaded).toMatchObject({ open: [{ flow: 'C-06/F-01', until: 0 }], mode: { mode: 'normal' } });
  expect(loaded?.objects.length).toBeGreaterThan(1);
});

test('routes that cannot be made undo the switch', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(First, []);
  const unroutable = policyOf({ ...Guarded, interfaces: [leg('../etc', 'process')] });
  await expect(enforcement.apply(unroutable, [])).rejects.toMatchObject({ code: 'PST_ERR_ROUTING' });
  expect(nft.transactions.at(-1)).toBe('restored');
  expect(await flowIds(enforcement)).toEqual(['C-01/F-01']);
});

test('the guard is gone before a ruleset stands that marks nothing, which would let nothing through', async () => {
  const { enforcement, guardsAt } = bench();
  await enforcement.apply(Guarded, []);
  await enforcement.apply(Older, []);
  await enforcement.apply(Guarded, []);
  await enforcement.apply(policyOf({ ...Guarded, nft: withGuard(rulesetWithFlows(['C-01/F-01', 443])) }), []);
  expect(guardsAt).toEqual([0, 0, 0, 1]);
});

test('the guard is there again at once where the ruleset it made way for is refused', async () => {
  const { nft, network, enforcement } = bench();
  await enforcement.apply(Guarded, []);
  nft.failNext('refused', 2);
  await expect(enforcement.apply(Older, [])).rejects.toMatchObject({ code: 'PST_ERR_NFT_APPLY' });
  expect(guardsOf(network)).toHaveLength(1);
});

test('a table that is right already stays, so that a restart of the engine changes nothing', async () => {
  const { nft, enforcement, again } = bench();
  await enforcement.apply(First, []);
  await again().apply(First, []);
  expect(nft.transactions).toHaveLength(1);
});

test('a new policy touches nothing that is in both', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(First, []);
  await enforcement.apply(Second, []);
  const name = { family: 'inet', table: 'penstock', name: 'permits' };
  expect(nft.transactions.at(-1)).toEqual([
    { delete: { element: { ...name, elem: [443] } } },
    { add: { element: { ...name, elem: [{ elem: { val: 80, comment: 'C-02/F-01' } }] } } },
  ]);
});

test('where the gentle way is refused the table is replaced', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(First, []);
  nft.failNext('refused');
  await enforcement.apply(Second, []);
  expect(JSON.stringify(nft.transactions.at(-1))).toContain('"delete":{"table"');
  expect(await enforcement.verify()).toEqual([]);
});

test('open gates are elements that end by themselves, never late', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(Gated, [{ flow: 'C-06/F-01', until: Now + 90_900 }]);
  expect(await alive(nft)).toEqual([{ elem: { val: 7, timeout: 90 } }]);
  await enforcement.setGates([
    { flow: 'C-06/F-01', until: Now + 10_000 },
    { flow: 'C-06/F-02', until: 0 },
  ]);
  expect(await alive(nft)).toEqual([{ elem: { val: 7, timeout: 10 } }, { elem: { val: 8 } }]);
  await enforcement.setGates([{ flow: 'C-06/F-01', until: Now + 10_000 }]);
  expect(await alive(nft)).toEqual([{ elem: { val: 7, timeout: 10 } }]);
  expect(JSON.stringify(nft.transactions.at(-1))).not.toContain('7');
  await enforcement.setGates([]);
  expect(await alive(nft)).toEqual([]);
  expect(await enforcement.verify()).toEqual([]);
});

test.for([
  ['in the past', -1],
  ['less than a second away', 999],
] as const)('a gate whose end is %s is not opened', async ([, left]) => {
  const { nft, enforcement } = bench();
  await enforcement.apply(Gated, [{ flow: 'C-06/F-01', until: Now + left }]);
  expect(await alive(nft)).toEqual([]);
});

test('a gate of a flow that is not in the policy opens nothing', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(Gated, [{ flow: 'C-99/F-01', until: 0 }]);
  expect(await alive(nft)).toEqual([]);
});

test('a switch of the mode that a dying child still made counts, so that nobody puts the former mode back', async () => {
  const { nft, enforcement } = bench();
  const plant = waterworks();
  await enforcement.apply(plant, []);
  nft.failNext('died-after');
  await enforcement.setMode('island', []);
  expect(await enforcement.loaded()).toMatchObject({ mode: { mode: 'island' } });
  expect(await enforcement.verify()).toEqual([]);
  nft.failNext('died-after');
  await enforcement.setMode('island', ['C-03/F-01']);
  await enforcement.setMode('normal', []);
  expect(await enforcement.verify()).toEqual([]);
});

test('a switch of the mode that the child died before leaves the former mode, and can be made again', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(waterworks(), []);
  nft.failNext('died-before');
  await expect(enforcement.setMode('island', [])).rejects.toMatchObject({ code: 'PST_ERR_NFT_CHILD' });
  expect(await enforcement.verify()).toEqual([]);
  await enforcement.setMode('island', []);
  expect(await enforcement.loaded()).toMatchObject({ mode: { mode: 'island' } });
  expect(await enforcement.verify()).toEqual([]);
});

test('front and inspectors are barred from every zone by their users', async () => {
  const { nft, enforcement } = bench({ barredUids: [987, 986] });
  await enforcement.apply(First, []);
  expect(await elementsOf(nft, 'barred')).toEqual([987, 986]);
});

test('a table that somebody changed or removed is told', async () => {
  const { nft, enforcement } = bench();
  await enforcement.apply(First, []);
  nft.distort(openForward);
  expect(await enforcement.verify()).toHaveLength(1);
  nft.distort(undefined);
  await nft.apply([{ delete: { table: { family: 'inet', name: 'penstock' } } }]);
  expect(await enforcement.verify()).toEqual(['The kernel holds no table inet penstock.']);
});

test('a kernel that nobody spoke to since the last look is not listed again', async () => {
  const { nft, enforcement } = bench();
  let listings = 0;
  await enforcement.apply(First, []);
  nft.distort((object) => {
    if ('table' in object) listings += 1;
    return object;
  });
  await enforcement.verify();
  await enforcement.verify();
  expect(listings).toBe(1);
  await nft.apply([{ add: { table: { family: 'inet', name: 'another' } } }]);
  await enforcement.verify();
  expect(listings).toBe(2);
});

test('what a replaced ruleset counted is kept', async () => {
  const { nft, enforcement } = bench();
  const counting = { packets: 5, bytes: 300 };
  nft.distort((object) =>
    JSON.parse(JSON.stringify(object).replaceAll('"packets":0,"bytes":0', '"packets":5,"bytes":300')),
  );
  await enforcement.apply(First, []);
  await enforcement.apply(Second, []);
  expect((await enforcement.counts()).flows).toEqual([
    { flowId: 'C-01/F-01', ...counting },
    { flowId: 'C-02/F-01', ...counting },
  ]);
});

test('a dead drop reader and a missing device are alarms, not failures', async () => {
  const { enforcement } = bench({ problem: 'it ended (SIGKILL)' });
  await enforcement.apply(policyOf({ interfaces: [leg('proc0', 'process')] }), []);
  expect(enforcement.state().alarms.map(({ code }) => code)).toEqual([
    'PST_ERR_ROUTING',
    'PST_ERR_KERNEL_FEATURE',
  ]);
});

test('a device that comes late gets its routes without a new policy', async () => {
  const { network, enforcement, wait } = bench();
  await enforcement.apply(policyOf({ nft: First.nft, interfaces: [leg('proc0', 'process')] }), []);
  expect(enforcement.state().alarms).toMatchObject([{ code: 'PST_ERR_ROUTING' }]);
  network.devices.add('proc0');
  wait(10_000);
  await enforcement.verify();
  expect(enforcement.state().alarms).toEqual([]);
  expect(network.settings.get('ipv4/conf/proc0/send_redirects')).toBe('0');
});

test('what changes the kernel waits for no listing, and a listing that it fell into is no difference', async () => {
  const { enforcement, holdLooks } = bench();
  await enforcement.apply(Gated, []);
  const { begun, end } = holdLooks();
  const looks = [enforcement.verify(), enforcement.counts()];
  await begun;
  await enforcement.setGates([{ flow: 'C-06/F-01', until: 0 }]);
  end();
  expect(await Promise.all(looks)).toMatchObject([[], { flows: [] }]);
  expect(await enforcement.verify()).toEqual([]);
});

test('a gate ends at its time also where the ruleset it came with took long to load', async () => {
  const { nft, enforcement } = bench({ loadingTakes: 3_000 });
  await enforcement.apply(Gated, [
    { flow: 'C-06/F-01', until: Now + 60_000 },
    { flow: 'C-06/F-02', until: 0 },
  ]);
  const elements = await alive(nft);
  expect(JSON.stringify(elements)).toContain('"timeout":57');
  expect(JSON.stringify(elements)).not.toContain('"timeout":60');
  expect(elements).toHaveLength(2);
  expect(await enforcement.verify()).toEqual([]);
});

test('where the kernel tells nobody of changes the log hears why, and everything else goes on', async () => {
  const { enforcement, said } = bench({
    hear: () => {
      throw new Error('bind: EMFILE');
    },
  });
  enforcement.onTouch(() => undefined);
  expect(said.text().match(/EMFILE/g)).toHaveLength(1);
  await enforcement.apply(First, []);
  expect(await enforcement.verify()).toEqual([]);
  enforcement.close();
});

test('gates cannot be set before there is a policy', async () => {
  const { enforcement } = bench();
  await expect(enforcement.setGates([])).rejects.toBeInstanceOf(GatewayError);
});

function bench({
  barredUids = [],
  problem = '',
  loadingTakes = 0,
  hear = () => ({ close: () => undefined }),
}: {
  barredUids?: readonly number[];
  problem?: string;
  /** Milliseconds that go by as the first ruleset is loaded. */
  loadingTakes?: number;
  hear?: KernelParts['hear'];
} = {}) {
  const said = memoryLog();
  const log = createLog('engine', said.stream);
  const kernel = createFakeNft();
  const nft: ReturnType<typeof createFakeNft> = {
    ...kernel,
    apply: async (commands) => {
      guardsAt.push(guardsOf(network).length);
      if (kernel.transactions.length === 0) {
        elapsed += loadingTakes;
        wall += loadingTakes;
      }
      await kernel.apply(commands);
    },
  };
  const network = fakeNetwork();
  /** How many rules of the guard there were as each transaction began. */
  const guardsAt: number[] = [];
  const drops: DropReader = { problem: () => problem, pid: () => undefined, close: () => undefined };
  let elapsed = 0;
  let wall = Now;
  const clock = { wall: () => wall, monotonic: () => elapsed };
  const wait = (milliseconds: number) => {
    elapsed += milliseconds;
  };
  const routing = createRouting(network.ip, network.sysctl);
  let looking = Promise.resolve();
  let begin = (): void => undefined;
  const looker: Nft = {
    ...nft,
    listTable: async (table) => {
      const seen = await nft.listTable(table);
      begin();
      await looking;
      return seen;
    },
  };
  /** From the first one on, listings are under way until `end` is called. */
  const holdLooks = () => {
    const [start, stop] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    looking = stop.promise;
    begin = start.resolve;
    return { begun: start.promise, end: stop.resolve };
  };
  const make = () =>
    enforceByKernel({ nft, looker, routing, drops, hear, clock }, { barredUids, dialerUid: 986, log });
  return { said, nft, network, enforcement: make(), again: make, guardsAt, wait, holdLooks };
}

function guardsOf({ rules }: FakeNetwork): readonly string[] {
  return [...rules[4]].filter((rule) => rule.includes('blackhole'));
}

/** A ruleset that marks what it has seen. */
function withGuard({ chains, ...others }: Ruleset): string {
  const hook = { hook: 'prerouting', priority: -140, policy: 'accept' } as const;
  return batchText(renderReplace({ ...others, chains: [...chains, { name: GuardChain, hook, rules: [] }] }));
}

/** What libnftables makes of `polcy`: a chain that accepts. */
function openForward(object: NftObject): NftObject {
  return JSON.parse(
    JSON.stringify(object).replace(
      '"hook":"forward","prio":0,"policy":"drop"',
      '"hook":"forward","prio":0,"policy":"accept"',
    ),
  );
}

async function flowIds(enforcement: ReturnType<typeof enforceByKernel>): Promise<readonly string[]> {
  return (await enforcement.counts()).flows.map(({ flowId }) => flowId);
}

async function alive(nft: ReturnType<typeof createFakeNft>) {
  return elementsOf(nft, 'alive');
}

async function elementsOf(nft: ReturnType<typeof createFakeNft>, name: string) {
  const listed = (await nft.listTable('penstock')) ?? [];
  const sets = listed.flatMap((object) =>
    'set' in object ? [object['set'] as { name: string; elem?: unknown }] : [],
  );
  return sets.find((set) => set.name === name)?.elem ?? [];
}

/** The example plant, whose modes cut and keep flows of every kind. */
function waterworks(): Policy {
  const model = new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url);
  const [policy] = compileText(readFileSync(model, 'utf8')).policies.values();
  if (policy === undefined) throw new Error('the example does not compile');
  return policy;
}
