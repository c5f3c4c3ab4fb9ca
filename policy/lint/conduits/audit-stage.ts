import { formatInstant } from '../../model/instant.ts';
import type { Check } from '../check.ts';

/** Audit only softens the Modbus profile; without one there is nothing to report instead of refusing. */
export const auditWithoutProfile: Check = {
  code: 'C-223',
  severity: 'error',
  clause: '62443-3-3 SR 5.2 RE1',
  title: 'Only inspected flows stand in audit.',
  run: ({ flows }) =>
    flows.flatMap(({ id, audit, profile }) =>
      audit === undefined || profile !== undefined
        ? []
        : [
            {
              at: audit.at,
              about: id,
              message: `${id} stands in audit but is not inspected, so there is nothing to report.`,
              hint: 'Give the flow a `modbus:` profile, or remove `stage:`.',
            },
          ],
    ),
};

/** What a profile would refuse must not reach a safety system, not even on trial. */
export const auditIntoSafety: Check = {
  code: 'C-223',
  severity: 'error',
  clause: '62443-3-2 ZCR 3.3',
  title: 'No flow into a safety zone stands in audit.',
  run: ({ flows }) =>
    flows.flatMap(({ id, audit, conduit }) =>
      audit === undefined || conduit.to.kind !== 'safety'
        ? []
        : [
            {
              at: audit.at,
              about: id,
              message: `${id} leads into the safety zone ${conduit.to.id} and stands in audit, which would let writes pass.`,
              hint: 'Remove `stage:` from this flow.',
            },
          ],
    ),
};

export const auditEnded: Check = {
  code: 'C-223',
  severity: 'warning',
  clause: '62443-3-3 SR 5.2 RE1',
  title: 'No audit stage is past its end.',
  run: ({ flows }, { now }) =>
    flows.flatMap(({ id, audit }) =>
      audit === undefined || audit.until > now
        ? []
        : [
            {
              at: audit.at,
              about: id,
              message: `The audit stage of ${id} ended at ${formatInstant(audit.until)}; its profile is enforced.`,
              hint: 'Remove `stage:`.',
            },
          ],
    ),
};
