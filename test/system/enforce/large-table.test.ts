/** @module-tag deep: volume. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { planModes, renderModeState } from '../../../rules/nft/modes.ts';
import { type BareBox, batchOf, layBareBox, onePolicy } from './bare-box.ts';

/** Every other port from 1000 on, so that no two flows are one range. */
const Flows = 25_000;
const portOf = (index: number) => 1000 + 2 * index;

let bare: BareBox;

beforeAll(async () => {
  bare = await layBareBox();
});

afterAll(() => bare.destroy());

test('a table of fifty thousand elements is loaded, comes back as it was sent, and decides', async () => {
  const flows = Array.from({ length: Flows }, (_, index) => flow(index));
  const policy = onePolicy(
    flows.join('\n      '),
    '',
    'modes: {island: {purpose: Alone, keep: [C-01/F-24999]}}\n',
  );
  await bare.load(batchOf(policy));
  expect(await bare.differences([batchOf(policy)])).toEqual([]);

  const [first, last] = [portOf(0), portOf(Flows - 1)];
  for (const port of [first, last, last - 1])
    await bare.start(bare.plc, 'tcp-listen', '10.2.0.30', port).says(/listening/);
  const cut = bare.start(bare.pc, 'tcp', '10.2.0.30', first);
  const kept = bare.start(bare.pc, 'tcp', '10.2.0.30', last);
  for (const one of [cut, kept]) await one.says(/connected/);
  await bare.start(bare.pc, 'tcp', '10.2.0.30', last - 1).says(/failed ECONNREFUSED/);

  await bare.load({ nftables: [...renderModeState(planModes(policy), { mode: 'island', reopened: [] })] });
  for (const one of [cut, kept]) one.tell('aa');
  await cut.says(/failed ECONNRESET/);
  await kept.says(/got aa/);
});

function flow(index: number): string {
  return `F-${index}: {src: pc, dst: plc, proto: tcp, port: ${portOf(index)}}`;
}
