import type { ModeRule } from '../../rules/policy.ts';
import type { PolicyTestRule } from '../../rules/policy-test.ts';
import { hasLapsed, isAbout } from '../claims/lapsed.ts';
import type { PolicyTest } from '../model/claims.ts';
import type { Gateway, ZoneModel } from '../model/zone-model.ts';

/**
 * The site's tests that this box can answer: it has a leg in the zones of both ends, and what they are about has
 * not ended.
 */
export function compileTests(
  model: ZoneModel,
  gateway: Gateway,
  modes: readonly ModeRule[],
  now: number,
): readonly PolicyTestRule[] {
  const zones = new Set(gateway.interfaces.map(({ zone }) => zone));
  const known = new Set(modes.map(({ name }) => name));
  return model.tests
    .filter((test) => !hasLapsed(model, test, now))
    .filter(({ from, to, given }) => zones.has(from.zone) && zones.has(to.zone) && known.has(given.mode))
    .map((test) => {
      const { at, name, from, to, protocol, port, modbus, given, expect, by, because } = test;
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
          session: sessionOpens(test),
          last: given.last,
          read: given.read,
        },
        expect,
        by: by?.id ?? '',
        because: because ?? '',
      };
    });
}

/** A session of one vendor opens nothing of another's (62443-3-3 SR 1.13). */
function sessionOpens(test: PolicyTest): boolean {
  return test.given.session?.opens.some(({ flow }) => isAbout(test, flow)) === true;
}
