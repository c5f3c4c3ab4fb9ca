import type { Severity } from '../../finding.ts';
import type { VendorAccess } from '../../model/access.ts';
import { formatDay } from '../../model/instant.ts';
import type { Check } from '../check.ts';
import { highestTarget } from './reach.ts';

/** Access that ends with the contract ends by itself. */
export const noContractEnd: Check = lackCheck({
  code: 'V-401',
  severity: 'error',
  clause: '62443-3-3 SR 1.3',
  title: 'Access of every vendor ends.',
  lacks: ({ contractEnds }) => contractEnds === undefined,
  message: (id) => `The access of ${id} has no end.`,
  hint: 'Add `contract_ends:`.',
});

/** A warning, so that a model stays valid by itself as days pass; the gateway grants no session any more. */
export const contractEnded: Check = {
  code: 'V-401',
  severity: 'warning',
  clause: '62443-3-3 SR 1.3',
  title: 'No contract has ended.',
  run: ({ vendors }, { now }) =>
    vendors.flatMap(({ id, contractEnds, at }) =>
      contractEnds === undefined || contractEnds > now
        ? []
        : [
            {
              at,
              about: id,
              message: `The contract of ${id} ended ${formatDay(contractEnds)}.`,
              hint: 'Remove the access, or give the end of the new contract.',
            },
          ],
    ),
};

/** Somebody inside must know that somebody from outside is in. */
export const notApproved: Check = lackCheck({
  code: 'V-405',
  severity: 'error',
  clause: '62443-3-3 SR 1.13 RE1',
  title: 'Sessions into SL-T 2 or above are approved.',
  lacks: (vendor) => vendor.approval === undefined && highestTarget(vendor) >= 2,
  message: (id, level) => `Nobody approves the sessions of ${id}, which reach SL-T ${level}.`,
  hint: 'Add `approval: {role: …}`.',
});

export const notApprovedLow: Check = lackCheck({
  code: 'V-405',
  severity: 'warning',
  clause: '62443-3-3 SR 1.13',
  title: 'Sessions are approved.',
  lacks: (vendor) => vendor.approval === undefined && highestTarget(vendor) < 2,
  message: (id) => `Nobody approves the sessions of ${id}.`,
  hint: 'Add `approval: {role: …}`.',
});

/** A session left open on a laptop is anybody's who sits down at it. */
export const noIdleLimit: Check = lackCheck({
  code: 'V-406',
  severity: 'warning',
  clause: '62443-3-3 SR 2.6',
  title: 'Sessions end when nobody uses them.',
  lacks: ({ limits }) => limits.idle === 0,
  message: (id) => `A session of ${id} may stay open while nobody uses it.`,
  hint: 'Add `limits: {idle: PT15M}`.',
});

export const noConcurrentLimit: Check = lackCheck({
  code: 'V-407',
  severity: 'warning',
  clause: '62443-3-3 SR 2.7',
  title: 'Sessions into SL-T 3 or above are limited in number.',
  lacks: (vendor) => vendor.limits.concurrent === 0 && highestTarget(vendor) >= 3,
  message: (id, level) => `${id} may have any number of sessions into SL-T ${level} at once.`,
  hint: 'Add `limits: {concurrent: 1}`.',
});

export const noSupplierDuties: Check = lackCheck({
  code: 'V-411',
  severity: 'info',
  clause: '62443-2-4',
  title: "The supplier's duties are laid down.",
  lacks: ({ external, supplierDuties }) => external && supplierDuties === '',
  message: (id) => `Nothing says where the duties of ${id} as a supplier are laid down.`,
  hint: 'Add `supplier_duties:` with the part of the contract.',
});

export const noLongestSession: Check = lackCheck({
  code: 'V-412',
  severity: 'warning',
  clause: '62443-3-3 SR 2.6',
  title: 'Sessions have a longest duration.',
  lacks: ({ limits }) => limits.maxDuration === 0,
  message: (id) => `A session of ${id} may last for ever.`,
  hint: 'Add `limits: {max_duration: PT4H}`.',
});

/** At night somebody approves half asleep, and nobody watches. */
export const noWindow: Check = lackCheck({
  code: 'V-416',
  severity: 'info',
  clause: '62443-3-3 SR 2.1',
  title: 'Sessions have their hours.',
  lacks: ({ limits }) => limits.window === undefined,
  message: (id) => `A session of ${id} may be at any hour of any day.`,
  hint: 'Add `limits: {window: "mon-fri 07:00-16:00", tz: …}`.',
});

/** One person can be deceived, or threatened. */
export const noSecondApproval: Check = lackCheck({
  code: 'V-414',
  severity: 'info',
  clause: '62443-3-3 SR 2.1 RE4',
  title: 'Two people approve sessions into SL-T 3 or above.',
  lacks: (vendor) => vendor.approval?.second === '' && highestTarget(vendor) >= 3,
  message: (id, level) => `One person alone approves the sessions of ${id} into SL-T ${level}.`,
  hint: 'Add `second:` to `approval`.',
});

interface LackCheck {
  readonly code: string;
  readonly severity: Severity;
  readonly clause: string;
  readonly title: string;
  readonly lacks: (vendor: VendorAccess) => boolean;
  readonly message: (id: string, highest: number) => string;
  readonly hint: string;
}

/** Something that an entry of `vendor_access` does not say. */
function lackCheck({ lacks, message, hint, ...check }: LackCheck): Check {
  return {
    ...check,
    run: ({ vendors }) =>
      vendors.filter(lacks).map((vendor) => ({
        at: vendor.at,
        about: vendor.id,
        message: message(vendor.id, highestTarget(vendor)),
        hint,
      })),
  };
}
