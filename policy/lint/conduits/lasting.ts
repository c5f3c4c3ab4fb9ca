import { formatInstant } from '../../model/instant.ts';
import type { Check } from '../check.ts';

/** A bypass that became permanent. */
export const temporaryTooLong: Check = {
  code: 'C-207',
  severity: 'warning',
  clause: '62443-3-3 SR 2.1',
  title: 'A temporary conduit lasts thirty days at most.',
  run: ({ conduits }) =>
    conduits.flatMap(({ id, temporary }) => {
      if (temporary === undefined) return [];
      const days = Math.ceil((temporary.expires - temporary.opened) / Day);
      if (days <= MostDays) return [];
      return [
        {
          at: temporary.at,
          about: id,
          message: `The temporary conduit ${id} lasts ${days} days.`,
          hint: `Shorten it to ${MostDays}, or model it as what it is: permanent, with hours or a session.`,
        },
      ];
    }),
};

export const temporaryRenewed: Check = {
  code: 'C-207',
  severity: 'warning',
  clause: '62443-3-3 SR 2.1',
  title: 'The end of a temporary conduit is put off twice at most.',
  run: ({ conduits }) =>
    conduits.flatMap(({ id, temporary }) =>
      temporary === undefined || temporary.renewed <= MostRenewals
        ? []
        : [
            {
              at: temporary.at,
              about: id,
              message: `The end of the temporary conduit ${id} was put off ${temporary.renewed} times.`,
              hint: 'Close it, or model it as what it is: permanent, with hours or a session.',
            },
          ],
    ),
};

/** On trial for ever is not enforced. */
export const auditTooLong: Check = {
  code: 'C-229',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2 RE1',
  title: 'An audit stage ends within thirty days.',
  run: ({ flows }, { now }) =>
    flows.flatMap(({ id, audit }) =>
      audit === undefined || audit.until - now <= MostDays * Day
        ? []
        : [
            {
              at: audit.at,
              about: id,
              message: `${id} reports instead of refusing until ${formatInstant(audit.until)}, more than ${MostDays} days from now.`,
              hint: 'Bring the end nearer; it can be put off when it comes.',
            },
          ],
    ),
};

const Day = 86_400_000;
const MostDays = 30;
const MostRenewals = 2;
