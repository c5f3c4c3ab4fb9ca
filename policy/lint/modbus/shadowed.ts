import { shadowedPermissions } from '../../prove/shadow.ts';
import type { Check } from '../check.ts';
import { joinFew } from '../endpoint.ts';
import { describePermission } from './servers.ts';

/** Permissions add up: one that adds nothing misleads whoever reads what is permitted. */
export const shadowedPermission: Check = {
  code: 'M-334',
  severity: 'warning',
  clause: '62443-3-3 SR 7.7',
  title: 'Every permission adds something to its profile.',
  run: (model) =>
    shadowedPermissions(model)
      // What permits nothing at all is said by the check that knows why.
      .filter(({ by }) => by.length > 0)
      .map(({ profile, permission, by }) => ({
        at: permission.at,
        about: profile.name,
        message: `${describePermission(permission)} permits nothing that ${joinFew(by.map(describePermission))} ${by.length > 1 ? 'do' : 'does'} not permit already.`,
        hint: 'Remove it, or narrow what makes it needless.',
      })),
};
