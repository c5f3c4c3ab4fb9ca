import type { PolicyTestRule } from '../../../rules/policy-test.ts';

/** A test with everything that can be given. */
export const sampleTest: PolicyTestRule = {
  name: 'dose stays in range',
  line: 210,
  client: 'scada-1',
  server: 'plc-dosing',
  protocol: 'tcp',
  port: 502,
  request: {
    unit: 1,
    functionCode: 6,
    address: 140,
    quantity: undefined,
    values: [200],
    readAddress: undefined,
    readQuantity: undefined,
    andMask: undefined,
    orMask: undefined,
    subFunction: undefined,
    mei: undefined,
    file: undefined,
    record: undefined,
  },
  given: {
    mode: 'lockdown',
    at: 1_796_000_000_000,
    session: '',
    last: [{ address: 140, value: 18 }],
    read: [{ functionCode: 2, address: 12, value: 1 }],
  },
  expect: 'deny',
  by: 'C-05/F-01',
  because: 'value-out-of-range',
};
