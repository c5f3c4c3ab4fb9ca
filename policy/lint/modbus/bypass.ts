import type { Permission } from '../../model/zone-model.ts';
import type { Check, Problem } from '../check.ts';
import { hasWriteLimits, limitsOf } from './guard-limits.ts';
import { describePermission, holdersOf, sameClient, serversIn, sharedUnit } from './servers.ts';
import { opaqueFunction, profileNameOf, WriteFile } from './terms.ts';

/** What cannot be read may write anything, and the records of a file may be registers. */
export const guardBypassed: Check = {
  code: 'M-313',
  severity: 'warning',
  clause: '62443-3-3 SR 3.5',
  title: 'Nothing unreadable goes to a unit whose writes are limited.',
  run: (model) => {
    const found = new Map<Permission, Problem>();
    for (const mode of model.modes)
      for (const [asset, uses] of serversIn(model, mode)) {
        const holders = holdersOf(uses);
        for (const { permission, use } of holders) {
          const means = meansOf(permission);
          if (means === undefined || found.has(permission)) continue;
          const guard = holders.find(
            (one) =>
              limitsOf(one.permission).length > 0 &&
              sameClient(one.use.flow, use.flow) &&
              sharedUnit(asset, one.permission, permission) !== undefined,
          );
          if (guard === undefined) continue;
          const unit = sharedUnit(asset, guard.permission, permission);
          found.set(permission, {
            at: permission.at,
            about: profileNameOf(permission),
            message: `${means} goes to unit ${unit} of ${asset.name}, past the limits of ${describePermission(guard.permission)}.`,
            hint: 'Remove it, or keep it to units whose writes nothing limits.',
          });
        }
      }
    return [...found.values()];
  },
};

/** What goes past the limits of others; under limits of its own it is refused anyway. */
function meansOf(permission: Permission): string | undefined {
  if (hasWriteLimits(permission)) return undefined;
  const opaque = opaqueFunction(permission);
  if (opaque !== undefined) return `${opaque}, whose data cannot be read,`;
  return permission.functions.includes(WriteFile)
    ? 'Function code 21, whose records may be registers,'
    : undefined;
}
