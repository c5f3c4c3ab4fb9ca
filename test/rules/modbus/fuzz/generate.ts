import type { ModbusProfile } from '../../../../rules/modbus/profile.ts';
import type { FuzzCase, Step } from './fuzz-case.ts';
import { mutate } from './mutate.ts';
import { policies } from './policies.ts';
import type { Random } from './random.ts';
import { aduOf, concatenate, randomRequest } from './random-adu.ts';

/**
 * A case from valid requests of all functions, some of them changed where a reader may go wrong, cut into
 * segments anywhere; and a server that answers, late, out of order, or something else.
 */
export function generateCase(random: Random): FuzzCase {
  const names = Object.keys(policies);
  const first = random.pick(names);
  const hasHonestServer = random.once(2);
  // Most changes end the connection, so that too many of them would leave nothing deep to try.
  const rareness = random.pick([10, 40, 200]);
  const steps: Step[] = [];
  let profile = profileOf(first);
  let id = random.below(65_536);
  for (let turns = random.between(4, 60); turns > 0; turns--) {
    const on = random.once(4) ? 1 : 0;
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const adus = Array.from({ length: random.between(1, 6) }, () => {
          id = random.once(12) ? id : (id + 1) & 0xffff;
          return random.once(rareness)
            ? mutate(random, profile, id)
            : aduOf(id, ...randomRequest(random, profile));
        });
        steps.push(...inSegments(random, concatenate(adus), on));
        break;
      }
      case 4:
        if (!hasHonestServer)
          steps.push({ do: 'server', on, which: random.between(-1, 5), bytes: junk(random, profile) });
        break;
      case 5:
        steps.push({ do: 'wait', milliseconds: random.pick([1, 50, 300, 450, 999, 1_001, 6_000, 61_000]) });
        break;
      case 6:
        if (random.once(12)) {
          const name = random.pick(names);
          profile = profileOf(name);
          steps.push({ do: 'policy', name });
        }
        break;
      default:
        for (let count = random.between(1, 6); count > 0; count--)
          steps.push({ do: 'honest', on, which: random.once(3) ? random.below(6) : 0 });
    }
  }
  return { policy: first, steps };
}

function profileOf(name: string): ModbusProfile {
  const policy = policies[name];
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy.profile;
}

function inSegments(random: Random, bytes: Uint8Array, on: number): Step[] {
  const most = random.pick([1, 7, 40, 4_000, 4_000, 4_000]);
  const steps: Step[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + random.between(1, most));
    steps.push({ do: 'client', on, bytes: bytes.slice(at, end) });
    at = end;
  }
  return steps;
}

/** Something a server says that nobody asked for, or not like that. */
function junk(random: Random, profile: ModbusProfile): Uint8Array {
  const [unit, pdu] = randomRequest(random, profile);
  const id = random.below(8);
  switch (random.below(5)) {
    case 0:
      return mutate(random, profile, id);
    case 1:
      return aduOf(id, unit, [(pdu[0] ?? 0) | 0x80, random.below(13)]);
    case 2:
      return aduOf(id, unit, [random.pick([1, 2, 3, 4, 23]), 2 * random.below(5), 0xba, 0xd0, 0xba, 0xd0]);
    case 3:
      return aduOf(id, unit, pdu);
    default:
      return aduOf(id, 1, [3, 2, 0xba, 0xd0]);
  }
}
