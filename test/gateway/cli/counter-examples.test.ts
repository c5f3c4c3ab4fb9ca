import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { explain } from '../../../gateway/cli/explain.ts';
import { invariantFindings } from '../../../policy/prove/invariants.ts';
import { example, Now } from '../../policy/prove/plants.ts';
import { command } from './command.ts';

const model = fileURLToPath(new URL('../../../policy/examples/waterworks.zones.yaml', import.meta.url));

describe('what a broken invariant says to ask', () => {
  test.for([
    'never: {from: supervisory, to: process, modbus: {class: write, address: 200}}',
    'never: {from: "*", to: plc-dosing, modbus: {fc: [16], address: 201, value: {min: 100, max: 300}}}',
    'never: {from: "*", to: process, modbus: {class: read, address: 300-999}}',
    'never: {from: "*", to: process, modbus: {class: write, value: {min: 1001, max: 65535}}}',
    'never: {from: enterprise, to: idmz}',
    'never: {from: supervisory, to: process, proto: icmp-echo}',
    'never: {from: idmz, to: supervisory}',
    'only: {from: "*", to: safety, allow: []}',
    'path: {from: enterprise, to: idmz, must_cross: safety}',
  ])('%s', async (statement) => {
    const broken = example('waterworks', ['invariants:\n', `invariants:\n  - {id: X-1, ${statement}}\n`]);
    const finding = invariantFindings(broken, Now).find(({ about }) => about === 'X-1');
    const [, question = ''] = /answers: '(.*)'\.$/.exec(finding?.hint ?? '') ?? [];
    expect(question).not.toBe('');
    const { out, status } = await command(() => explain(model, question, {}));
    expect(`${status} ${out}`).toMatch(/^0 /);
  });
});
