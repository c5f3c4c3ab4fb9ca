import { expect, test } from 'vitest';
import { Normal } from '../../../rules/admission/mode.ts';
import { planModes, renderModeState, renderModeSwitch } from '../../../rules/nft/modes.ts';
import { batchText } from '../../../rules/nft/render.ts';
import { findForeignJson, type NftCommand } from '../../../rules/nft/schema.ts';
import type { FlowRule, ModeRule, Policy } from '../../../rules/policy.ts';
import { gatedFlow, leg, policyOf } from '../../gateway/enforce/policies.ts';

const plain = (number: number): FlowRule => ({ ...gatedFlow(number, `C-01/F-${number}`), gate: undefined });
const inspected = (number: number): FlowRule => ({
  ...plain(number),
  profile: 'any',
  sources: [{ asset: 'hmi', zone: 'supervisory', prefixes: ['10.1.0.1/32'] }],
  destinations: [{ asset: 'plc', zone: 'process', prefixes: [`10.2.0.${number}/32`] }],
  ports: [{ first: 502, last: 502 }],
});
const mode = (name: string, ...keep: readonly number[]): ModeRule => ({
  name,
  keep: keep.map((number) => `C-01/F-${number}`),
  keepsAll: name === 'normal',
  recover: [],
  profiles: [],
});
const plant = (modes: readonly ModeRule[], ...flows: readonly FlowRule[]): Policy =>
  policyOf({ modes, flows, interfaces: [leg('sup0', 'supervisory'), leg('proc0', 'process')] });

const policy = plant(
  [mode('normal'), mode('island', 1, 3), mode('lockdown', 1)],
  plain(1),
  plain(2),
  inspected(3),
  inspected(4),
);
const plan = planModes(policy);
const island = { mode: 'island', reopened: [] };

test('where no mode cuts anything there is nothing to switch', () => {
  for (const modes of [[], [mode('normal')], [mode('normal'), mode('island', 1, 2)]]) {
    const none = planModes(plant(modes, plain(1), plain(2)));
    expect(none.maps).toEqual([]);
    expect(renderModeState(none, island)).toEqual([]);
    expect(renderModeSwitch(none, Normal, island)).toEqual([]);
  }
});

test('undeclared traffic is cut by a mode that keeps every flow there is', () => {
  const conduits = [{ id: 'C-01', undeclaredUntil: 5 }] as unknown as Policy['conduits'];
  expect(planModes({ ...plant([mode('normal'), mode('island', 1)], plain(1)), conduits }).maps).toEqual([
    'flows',
  ]);
});

test('what every mode keeps is what none of them cuts', () => {
  expect([...plan.always].map(({ number }) => number)).toEqual([1]);
  expect(plan.maps).toEqual(['flows', 'divert', 'legs']);
  expect(planModes(plant([mode('normal'), mode('island', 1)], plain(1), plain(2))).maps).toEqual(['flows']);
});

test('a switch moves one element of each map and nothing else', () => {
  expect(describe(renderModeSwitch(plan, Normal, island))).toEqual([
    'flush mode',
    'add mode ipv4 goto mode/island',
    'flush mode_divert',
    'add mode_divert ipv4 goto mode_divert/island',
    'flush mode_legs',
    'add mode_legs ipv4 jump mode_legs/island',
  ]);
  expect(describe(renderModeSwitch(plan, island, Normal))).toContain('add mode ipv4 goto admit');
});

test('a switch costs what it changes, however many flows there are', () => {
  const many = Array.from({ length: 2000 }, (_, index) => plain(index + 5));
  const large = planModes(plant([mode('normal'), mode('island', 5)], ...many));
  expect(renderModeSwitch(large, Normal, island)).toHaveLength(2);
});

test('recovery adds what it opens, takes away what it shuts, and leaves the mode alone', () => {
  const [one, two] = [['C-01/F-2'], ['C-01/F-2', 'C-01/F-4']];
  expect(describe(renderModeSwitch(plan, island, { ...island, reopened: one }))).toEqual(['add reopened 2']);
  expect(
    describe(renderModeSwitch(plan, { ...island, reopened: one }, { ...island, reopened: two })),
  ).toEqual([
    'add reopened 4',
    'add reopened_inspected sup0 . 10.1.0.1 . 10.2.0.4 . 502',
    'add reopened_answering proc0 . 10.2.0.4 . 10.1.0.1 . 502',
  ]);
  expect(describe(renderModeSwitch(plan, { ...island, reopened: two }, Normal))).toContain(
    'delete reopened 2,4',
  );
});

test('what a mode keeps is not opened again, nor what no policy knows, nor anything in normal', () => {
  const reopened = ['C-01/F-1', 'C-01/F-3', 'C-99/F-1'];
  expect(describe(renderModeState(plan, { mode: 'island', reopened })).join()).not.toContain('reopened');
  expect(describe(renderModeState(plan, { mode: 'normal', reopened })).join()).not.toContain('reopened');
});

test('a mode the policy does not have has no element', () => {
  const said = describe(renderModeState(plan, { mode: 'unheard-of', reopened: ['C-01/F-2'] }));
  expect(said).toEqual(['flush mode', 'flush mode_divert', 'flush mode_legs']);
});

test('every switch is of the form the kernel is given', () => {
  const states = ['normal', 'island', 'lockdown', 'other'].flatMap((name) =>
    [[], ['C-01/F-2'], ['C-01/F-2', 'C-01/F-4']].map((reopened) => ({ mode: name, reopened })),
  );
  for (const before of states) {
    for (const after of states) {
      const nftables = [...renderModeSwitch(plan, before, after)];
      if (nftables.length > 0) expect(findForeignJson(JSON.parse(batchText({ nftables })))).toBeUndefined();
    }
  }
});

/** `add mode ipv4 goto mode/island`. */
function describe(commands: readonly NftCommand[]): readonly string[] {
  return commands.map((command) => {
    const [[verb = '', body] = []] = Object.entries(command) as [string, Record<string, Body>][];
    const [target] = Object.values(body ?? {});
    return [verb, target?.name, elementsText(target?.elem)].filter((word) => word !== '').join(' ');
  });
}

interface Body {
  readonly name: string;
  readonly elem?: readonly unknown[];
}

function elementsText(elem: readonly unknown[] = []): string {
  return elem
    .map((one) =>
      JSON.stringify(one)
        .replace(/\{"concat":|"target":|[[\]{}"]/g, '')
        .replace(/:/g, ' ')
        .replace(/,/g, typeof one === 'number' ? ',' : ' . '),
    )
    .map((text) => text.replace(/ \. (goto|jump)/, ' $1'))
    .join(',');
}
