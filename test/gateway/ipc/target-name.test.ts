import { expect, test } from 'vitest';
import { targetAsked, targetServerName } from '../../../gateway/ipc/target-name.ts';

const targets = ['pumpco/plc-dosing.502', 'pumpco/plc-dosing.44818', 'pumpco/PLC.intake-2.502'];

test('a target is asked for by asset and port', () => {
  expect(targets.map(targetServerName)).toEqual([
    'plc-dosing-502.penstock',
    'plc-dosing-44818.penstock',
    'plc.intake-2-502.penstock',
  ]);
  for (const target of targets) expect(targetAsked(targetServerName(target), targets)).toBe(target);
});

test('whoever names no target gets the first', () => {
  expect(targetAsked('', targets)).toBe(targets[0]);
  expect(targetAsked('gateway.plant.example', targets)).toBe(targets[0]);
  expect(targetAsked('', [])).toBeUndefined();
});

test('a target that is mistyped or of somebody else is none, and never the first instead', () => {
  expect(targetAsked('plc-dozing-502.penstock', targets)).toBeUndefined();
  expect(targetAsked('PLC-DOSING-502.PENSTOCK', targets)).toBe(targets[0]);
});

test('a name that two targets share is none', () => {
  expect(targetAsked('plc-502.penstock', ['v/PLC.502', 'v/plc.502'])).toBeUndefined();
});
