import type { FlowRule, Policy, VendorRule } from '../../../rules/policy.ts';
import { samplePolicy } from '../../rules/bundle/sample-policy.ts';

const [some] = samplePolicy.flows;
if (some === undefined) throw new Error('the sample has no flow');

/** Working hours in Stockholm, and the end of the contract. */
const gate = {
  opensAt: 0,
  closesAt: Date.UTC(2027, 0, 1),
  session: true,
  schedule: { days: [1, 2, 3, 4, 5], from: 420, to: 960, timeZone: 'Europe/Stockholm' },
};

const target: FlowRule = {
  ...some,
  number: 900,
  id: 'pumpco/plc-dosing.502',
  conduit: 'pumpco',
  protocol: 'tcp',
  ports: [{ first: 502, last: 502 }],
  destinations: [{ asset: 'plc-dosing', zone: 'process', prefixes: ['10.30.0.12/32'] }],
  gate,
};

/** A flow from a shared jump host: a pinhole. */
const pinhole: FlowRule = { ...target, number: 901, id: 'C-04/F-01', conduit: 'C-04', profile: '' };

const pumpco: VendorRule = {
  id: 'pumpco',
  company: 'Pump Co',
  people: [
    { id: 'service-1', mfa: true },
    { id: 'service-2', mfa: true },
  ],
  entry: { asset: '', zone: 'supervisory', prefixes: ['10.20.0.0/24'] },
  opens: ['C-04/F-01'],
  targets: [target],
  approval: { role: 'shift-lead', second: '' },
  limits: { maxDuration: 14_400_000, idle: 900_000, concurrent: 1 },
  record: ['bytes', 'modbus'],
  source: some.source,
};

/** A policy that lets two people of one vendor ask for one controller, or for a flow from the jump host. */
export const vendorPolicy: Policy = {
  ...samplePolicy,
  notBefore: Date.UTC(2026, 0, 1),
  notAfter: Date.UTC(2036, 0, 1),
  flows: [...samplePolicy.flows, pinhole],
  vendors: [pumpco],
};

/** The same with the vendor's rule changed. */
export function withVendor(change: Partial<VendorRule>): Policy {
  return { ...vendorPolicy, vendors: [{ ...pumpco, ...change }] };
}
