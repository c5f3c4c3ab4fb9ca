import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mutate } from '../../../gateway/cli/mutate.ts';
import { command } from './command.ts';

const model = fileURLToPath(new URL('../../../policy/examples/flat-network.zones.yaml', import.meta.url));
const at = '2026-11-21T12:00:00Z';

describe('penstock mutate', () => {
  test('names what nobody notices with its line, and a test that would', async () => {
    const { out, status } = await command(() => mutate(model, { at }));
    expect(status).toBe(0);
    expect(out).toMatch(/^.*flat-network.zones.yaml: \d+ changes, \d+ noticed, \d+ not.*; score \d+ %$/m);
    expect(out).toMatch(
      /flat-network.zones.yaml:\d+ {2}press-operation\/1 with address 21 too\n {6}- \{name: "notices/,
    );
  });

  test('is a failure below the score that is asked for', async () => {
    expect((await command(() => mutate(model, { at, least: '100' }))).status).toBe(1);
  });

  test('gives the same as JSON', async () => {
    const { out } = await command(() => mutate(model, { at, json: true }));
    const { score, mutants } = JSON.parse(out) as {
      score: number;
      mutants: readonly { what: string; outcome: string }[];
    };
    expect(score).toBeLessThan(101);
    expect(mutants).toContainEqual(
      expect.objectContaining({
        what: 'C-01/F-02 dropped',
        outcome: expect.stringMatching(/noticed|missed/),
      }),
    );
  });

  test('takes a whole percentage and nothing else', async () => {
    await expect(mutate(model, { at, least: 'most' })).rejects.toThrow('--least most is no score.');
    await expect(mutate(model, { at, least: '101' })).rejects.toThrow('--least 101 is no score.');
  });
});
