import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openAt } from '../../../rules/evaluate/find-route.ts';
import { runTestsOnTable, type TableState } from '../../../rules/evaluate/table-tests.ts';
import { renderGates } from '../../../rules/nft/gates.ts';
import { planModes, renderModeState } from '../../../rules/nft/modes.ts';
import type { Policy } from '../../../rules/policy.ts';
import { compileText, Today } from '../../policy/compile/compile-text.ts';

const text = readFileSync(new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url), 'utf8');
const policy = policyIn(text);

describe('the table of the shipped example', () => {
  test.for(['normal', 'island', 'lockdown'])(
    'does with every test what the policy says, in the mode %s',
    (mode) => {
      const state = stateOf(mode);
      const results = runTestsOnTable(policy, tableOf(state), state);
      expect(results.length).toBeGreaterThan(10);
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
    },
  );

  test('is not the table of another mode', () => {
    const results = runTestsOnTable(policy, tableOf(stateOf('normal')), stateOf('island'));
    expect(results.filter(({ ok }) => !ok).map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(
        /^historian → hist-replica tcp 8443 from sup0 to dmz0 is accepted in the chain \S+ of the table, and is to be refused by C-03\/F-01\.$/,
      ),
    );
  });

  test.for<[string, string, string, RegExp]>([
    [
      'lets nothing divert',
      '"tproxy"',
      '"log"',
      /scada-1 → plc-dosing tcp 502 .* is to be diverted by C-05\/F-01/,
    ],
    [
      'knows another server',
      '10.15.0.10',
      '10.15.0.99',
      /historian → hist-replica .* is refused .* is to be accepted/,
    ],
    ['drops what is for no device', '"sup0"', '"sup9"', /is to be accepted by/],
  ])('that %s is told from it', ([, from, to, sentence]) => {
    const state = stateOf('normal');
    const changed = JSON.parse(JSON.stringify(tableOf(state)).replaceAll(from, to)) as readonly unknown[];
    const failed = runTestsOnTable(policy, changed, state).filter(({ ok }) => !ok);
    expect(failed.map((each) => each.sentence)).toContainEqual(expect.stringMatching(sentence));
  });

  test('with a gate left open is told from it', () => {
    const state = stateOf('normal');
    const open = [...state.open, { flow: 'C-04/F-01', until: 0 }];
    const failed = runTestsOnTable(policy, tableOf({ ...state, open }), state).filter(({ ok }) => !ok);
    expect(failed.map(({ test: { name } }) => name)).toEqual([
      'vendor path is shut without a session',
      'vendor path opens with a session',
    ]);
    expect(
      runTestsOnTable(policy, tableOf({ ...state, open }), { ...state, open }).every(({ ok }) => ok),
    ).toBe(true);
  });
});

function stateOf(mode: string): TableState {
  return { now: Today, mode: { mode, reopened: [] }, open: openAt(policy, Today, '') };
}

/** The batches that make the table, as the box puts them in force. */
function tableOf({ now, mode, open }: TableState): readonly unknown[] {
  return [
    JSON.parse(policy.nft),
    { nftables: renderGates(policy, open, now) },
    { nftables: renderModeState(planModes(policy), mode) },
  ];
}

function policyIn(model: string): Policy {
  const [only] = compileText(model).policies.values();
  if (only === undefined) throw new Error('no policy');
  return only;
}
