import { formatInstant } from '../../model/instant.ts';
import type { Check } from '../check.ts';

/** A bypass that was never closed; a warning, so that a model stays valid by itself as days pass. */
export const expiredTemporary: Check = {
  code: 'C-206',
  severity: 'warning',
  clause: '62443-3-3 SR 2.1',
  title: 'No temporary conduit has expired.',
  run: ({ conduits }, { now }) =>
    conduits.flatMap(({ id, temporary }) =>
      temporary === undefined || temporary.expires > now
        ? []
        : [
            {
              at: temporary.at,
              about: id,
              message: `The temporary conduit ${id} expired at ${formatInstant(temporary.expires)} and gives no rule any more.`,
              hint: 'Remove it, or have it approved again with a new end.',
            },
          ],
    ),
};

export const temporaryEndsBeforeStart: Check = {
  code: 'C-206',
  severity: 'error',
  clause: '62443-3-3 SR 2.1',
  title: 'A temporary conduit ends after it begins.',
  run: ({ conduits }) =>
    conduits.flatMap(({ id, temporary }) =>
      temporary === undefined || temporary.opened < temporary.expires
        ? []
        : [
            {
              at: temporary.at,
              about: id,
              message: `The temporary conduit ${id} expires at ${formatInstant(temporary.expires)}, not after it opens.`,
              hint: 'Correct `opened` or `expires`.',
            },
          ],
    ),
};
