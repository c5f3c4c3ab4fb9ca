import type { Check } from '../check.ts';
import { nameOf } from '../endpoint.ts';

/** Without `requires: session` the flow is open to the vendor at all times. */
export const openedFlowWithoutSession: Check = {
  code: 'V-409',
  severity: 'error',
  clause: '62443-3-3 SR 1.13 RE1',
  title: 'What vendor access opens is shut without a session.',
  run: ({ vendors }) =>
    vendors.flatMap((vendor) =>
      vendor.opens
        .filter(({ flow }) => !flow.requiresSession)
        .map(({ flow, at }) => ({
          at,
          about: vendor.id,
          message: `${vendor.id} opens ${flow.id}, which is open without a session as well.`,
          hint: 'Add `requires: session` to the flow.',
        })),
    ),
};

/** A pinhole is for an address, and an address is no person. */
export const pinhole: Check = {
  code: 'V-417',
  severity: 'info',
  clause: '62443-3-3 SR 1.2 RE1',
  title: 'Sessions are known by more than an address.',
  run: ({ vendors }) =>
    vendors.flatMap((vendor) =>
      vendor.opens.map(({ flow, at }) => ({
        at,
        about: vendor.id,
        message: `A session of ${vendor.id} opens ${flow.id} to everybody at ${flow.sources.map(nameOf).join(' and ')}: a weak proof of who it is.`,
        hint: 'Use `targets:`, which lead one person through the gateway.',
      })),
    ),
};
