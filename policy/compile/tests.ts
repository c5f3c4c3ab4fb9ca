import type { ModeRule, VendorRule } from '../../rules/policy.ts';
import type { PolicyTestRule } from '../../rules/policy-test.ts';
import { hasLapsed } from '../claims/lapsed.ts';
import type { Gateway, ZoneModel } from '../model/zone-model.ts';

/**
 * The site's tests that this box can answer: it has a leg in the zones of both ends, and what they are about has
 * not ended.
 */
export function compileTests(
  model: ZoneModel,
  gateway: Gateway,
  modes: readonly ModeRule[],
  vendors: readonly VendorRule[],
  now: number,
): readonly PolicyTestRule[] {
  const zones = new Set(gateway.interfaces.map(({ zone }) => zone));
  const known = new Set(modes.map(({ name }) => name));
  const letIn = new Set(vendors.map(({ id }) => id));
  return model.tests
    .filter((test) => !hasLapsed(model, test, now))
    .filter(({ from, to, given }) => zones.has(from.zone) && zones.has(to.zone) && known.has(given.mode))
    .map((test) => {
      const { at, name, from, to, protocol, port, modbus, given, expect, by, byTarget, because } = test;
      return {
        name,
        line: at.line,
        client: from.name,
        server: to.name,
        protocol,
        port,
        request: modbus,
        given: {
          mode: given.mode,
          at: given.instant,
          // A session of somebody who is not let in here opens nothing here.
          session: given.session !== undefined && letIn.has(given.session.id) ? given.session.id : '',
          last: given.last,
          read: given.read,
        },
        expect,
        by: by?.id ?? byTarget,
        because: because ?? '',
      };
    });
}
