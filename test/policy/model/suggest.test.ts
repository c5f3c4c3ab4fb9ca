import { expect, test } from 'vitest';
import { didYouMean, suggest } from '../../../policy/model/suggest.ts';

const assets = ['plc-intake', 'plc-dosing', 'scada-1', 'hmi-1'];

test.for([
  { written: 'plc-dosign', meant: 'plc-dosing' },
  { written: 'PLC-Dosing', meant: 'plc-dosing' },
  { written: 'scada1', meant: 'scada-1' },
  { written: 'hmi', meant: undefined },
  { written: 'historian', meant: undefined },
])('$written → $meant', ({ written, meant }) => {
  expect(suggest(written, assets)).toBe(meant);
});

test('without a near one the hint lists what there is', () => {
  expect(didYouMean('turbine', assets, 'assets')).toBe(
    'The assets are: plc-intake, plc-dosing, scada-1, hmi-1.',
  );
  expect(didYouMean('turbine', [], 'assets')).toBe('There are no assets.');
});

test('a long list is cut', () => {
  const many = Array.from({ length: 50 }, (_, index) => `node-${index}-of-many`);
  expect(didYouMean('x', many, 'nodes')).toMatch(/node-11-of-many, …\.$/);
});
