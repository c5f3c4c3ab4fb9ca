import type { Check } from '../check.ts';

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
