import type { Severity } from '../../finding.ts';
import type { VendorAccess } from '../../model/access.ts';
import type { Check } from '../check.ts';
import { highestTarget } from './reach.ts';

/** Of a shared account nobody knows who it was. */
export const sharedIdentity: Check = {
  code: 'V-403',
  severity: 'error',
  clause: '62443-3-3 SR 1.1 RE1',
  title: 'Everybody who comes in has a name of their own.',
  run: ({ vendors }) =>
    vendors.flatMap((vendor) =>
      vendor.people
        .filter(({ id }) => SharedNames.has(localPart(id)))
        .map(({ id, at }) => ({
          at,
          about: vendor.id,
          message: `${id} of ${vendor.id} is the name of a job, not of a person.`,
          hint: 'Name each person who may come in.',
        })),
    ),
};

export const identityOfTwo: Check = {
  code: 'V-403',
  severity: 'error',
  clause: '62443-3-3 SR 1.1 RE1',
  title: 'Nobody comes in for two companies under one name.',
  run: ({ vendors }) => {
    const owners = new Map<string, VendorAccess>();
    return vendors.flatMap((vendor) =>
      vendor.people.flatMap(({ id, at }) => {
        const owner = owners.get(id.toLowerCase());
        owners.set(id.toLowerCase(), owner ?? vendor);
        if (owner === undefined) return [];
        const where = owner === vendor ? `twice for ${vendor.id}` : `for ${owner.id} and for ${vendor.id}`;
        return [
          { at, about: vendor.id, message: `${id} comes in ${where}.`, hint: 'Give each person one entry.' },
        ];
      }),
    );
  },
};

/** A password alone is anybody's who has read it. */
export const noSecondFactorHigh = secondFactor(
  'error',
  'Into SL-T 3 or above everybody needs a second factor.',
  (level) => level >= 3,
);
export const noSecondFactor = secondFactor(
  'warning',
  'Everybody needs a second factor.',
  (level) => level < 3,
);

function secondFactor(severity: Severity, title: string, concerns: (level: number) => boolean): Check {
  return {
    code: 'V-404',
    severity,
    clause: '62443-3-3 SR 1.1 RE2',
    title,
    run: ({ vendors }) =>
      vendors.flatMap((vendor) => {
        const level = highestTarget(vendor);
        if (!concerns(level)) return [];
        return vendor.people
          .filter(({ mfa }) => mfa === 'off')
          .map(({ id, at }) => ({
            at,
            about: vendor.id,
            message: `${id} of ${vendor.id} reaches SL-T ${level} without a second factor.`,
            hint: 'Remove `mfa: off`.',
          }));
      }),
  };
}

function localPart(id: string): string {
  return (id.split('@')[0] ?? '').toLowerCase();
}

const SharedNames: ReadonlySet<string> = new Set(
  'admin administrator root service support helpdesk vendor supplier operator maintenance remote guest user users shared team info office engineer engineering technician'.split(
    ' ',
  ),
);
