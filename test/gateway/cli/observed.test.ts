import { expect, test } from 'vitest';
import { describeObservation } from '../../../gateway/cli/observed.ts';
import type { Observation } from '../../../rules/observation.ts';

const Start = Date.parse('2026-10-01T06:00:00Z');
const Day = 86_400_000;

const observation: Observation = {
  site: 'riverside-wtp',
  gateway: 'cgw-01',
  since: Start,
  until: Start + 40 * Day,
  blind: 3_600_000,
  flows: [
    { id: 'C-05/F-01', since: Start, hits: 120_400, last: Start + 40 * Day },
    { id: 'C-06/F-01', since: Start + 10 * Day, hits: 0, last: 0 },
  ],
  permissions: [{ id: 'scada-setpoints/2', since: Start, hits: 0, last: 0 }],
  vendors: [],
  strangers: [{ address: '10.20.0.99', zone: '', first: Start, last: Start + Day, packets: 7 }],
};

test('an observation says over what time, what was never used, and who came that nobody modelled', () => {
  expect(describeObservation(observation)).toBe(
    [
      'riverside-wtp cgw-01, observed 2026-10-01 06:00 UTC to 2026-11-10 06:00 UTC: 39 days of 40 days',
      '',
      'flows',
      '  id         packets or requests  last                  counted since',
      '  C-05/F-01  120400               2026-11-10 06:00 UTC  2026-10-01 06:00 UTC',
      '  C-06/F-01  0                    never in 30 days      2026-10-11 06:00 UTC',
      '',
      'Modbus permissions',
      '  id                 requests  last              counted since',
      '  scada-setpoints/2  0         never in 40 days  2026-10-01 06:00 UTC',
      '',
      'source addresses that no asset has',
      '  address     zone  packets  first                 last',
      '  10.20.0.99  -     7        2026-10-01 06:00 UTC  2026-10-02 06:00 UTC',
    ].join('\n'),
  );
});
