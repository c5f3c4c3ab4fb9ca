import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openGates } from '../../rules/admission/open-gates.ts';
import { renderGates } from '../../rules/nft/gates.ts';
import type { Gate, Policy, Schedule } from '../../rules/policy.ts';
import { isOpen, nextChange } from '../../rules/schedule.ts';
import { gatedFlow, policyOf } from '../gateway/enforce/policies.ts';

/**
 * The nights in which clocks are put forward or back: hours a day does not have, and hours it has twice
 * (62443-3-3 SR 2.1). Instants are the IANA database's, as the platform has it.
 */
const EveryDay = [1, 2, 3, 4, 5, 6, 7];
const at = (text: string) => Date.parse(text);

interface Night {
  readonly what: string;
  readonly timeZone: string;
  /** Minutes after local midnight. */
  readonly from: number;
  readonly to: number;
  readonly now: string;
  /** When the answer turns, one after the other. */
  readonly turns: readonly string[];
}

const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const night = (what: string, timeZone: string, hours: string, now: string, ...turns: string[]): Night => {
  const [from = '', to = ''] = hours.split('-');
  return { what, timeZone, from: minutes(from), to: minutes(to), now, turns };
};

const nights = [
  night(
    'an hour that is skipped shortens the hours around it',
    'Europe/Stockholm',
    '01:30-03:30',
    '2026-03-29T00:00:00Z',
    '2026-03-29T00:30:00Z', // 01:30, winter
    '2026-03-29T01:30:00Z', // 03:30, summer: an hour later
  ),
  night(
    'hours that are skipped do not open that night',
    'Europe/Stockholm',
    '02:15-02:45',
    '2026-03-29T00:00:00Z',
    '2026-03-30T00:15:00Z',
    '2026-03-30T00:45:00Z',
  ),
  night(
    'hours that begin in the gap open when it ends',
    'Europe/Stockholm',
    '02:30-04:00',
    '2026-03-29T00:00:00Z',
    '2026-03-29T01:00:00Z', // 03:00, at once after 01:59
    '2026-03-29T02:00:00Z',
  ),
  night(
    'hours that end in the gap end when it begins',
    'Europe/Stockholm',
    '01:00-02:30',
    '2026-03-28T23:00:00Z',
    '2026-03-29T00:00:00Z',
    '2026-03-29T01:00:00Z',
  ),
  night(
    'an hour that comes twice lengthens the hours around it',
    'Europe/Stockholm',
    '01:30-03:30',
    '2026-10-24T22:00:00Z',
    '2026-10-24T23:30:00Z',
    '2026-10-25T02:30:00Z', // three hours
  ),
  night(
    'hours in the fold open twice',
    'Europe/Stockholm',
    '02:15-02:45',
    '2026-10-24T22:00:00Z',
    '2026-10-25T00:15:00Z',
    '2026-10-25T00:45:00Z',
    '2026-10-25T01:15:00Z',
    '2026-10-25T01:45:00Z',
  ),
  night(
    'hours that end in the fold end, and are there again',
    'Europe/Stockholm',
    '01:00-02:30',
    '2026-10-24T22:00:00Z',
    '2026-10-24T23:00:00Z',
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:00:00Z', // 02:00 again
    '2026-10-25T01:30:00Z',
  ),
  night(
    'the southern spring comes in October',
    'Australia/Sydney',
    '01:30-03:30',
    '2026-10-03T15:00:00Z',
    '2026-10-03T15:30:00Z',
    '2026-10-03T16:30:00Z',
  ),
  night(
    'the southern autumn comes in April',
    'Australia/Sydney',
    '02:15-02:45',
    '2026-04-04T14:00:00Z',
    '2026-04-04T15:15:00Z',
    '2026-04-04T15:45:00Z',
    '2026-04-04T16:15:00Z',
    '2026-04-04T16:45:00Z',
  ),
  night(
    'half an hour is skipped on Lord Howe',
    'Australia/Lord_Howe',
    '02:00-02:45',
    '2026-10-03T15:00:00Z',
    '2026-10-03T15:30:00Z', // 02:00 is 02:30
    '2026-10-03T15:45:00Z',
  ),
  night(
    'half an hour comes twice on Lord Howe',
    'Australia/Lord_Howe',
    '01:30-01:45',
    '2026-04-04T14:00:00Z',
    '2026-04-04T14:30:00Z',
    '2026-04-04T14:45:00Z',
    '2026-04-04T15:00:00Z',
    '2026-04-04T15:15:00Z',
  ),
  night(
    'midnight itself is skipped in Beirut',
    'Asia/Beirut',
    '00:00-01:30',
    '2026-03-28T20:00:00Z',
    '2026-03-28T22:00:00Z', // 00:00 is 01:00
    '2026-03-28T22:30:00Z',
  ),
  night(
    'the end of a day comes twice in Havana',
    'America/Havana',
    '00:30-01:00',
    '2026-11-01T02:00:00Z',
    '2026-11-01T04:30:00Z',
    '2026-11-01T05:00:00Z',
    '2026-11-01T05:30:00Z',
    '2026-11-01T06:00:00Z',
  ),
];

describe('in the night the clocks are changed', () => {
  test.for(nights)('$what', ({ timeZone, from, to, now, turns }) => {
    const gate = gateOf({ days: EveryDay, from, to, timeZone });
    let time = at(now);
    let open = isOpen(gate, time);
    for (const turn of turns) {
      expect(nextChange(gate, time)).toBe(at(turn));
      time = at(turn);
      expect([time - 1, time].map((moment) => isOpen(gate, moment))).toEqual([open, !open]);
      open = !open;
    }
  });

  test.for(nights)('$what, by the kernel’s own clock', ({ timeZone, from, to, now, turns }) => {
    const policy = policyWith({ days: EveryDay, from, to, timeZone });
    const times = [at(now), ...turns.map(at)];
    for (const [index, time] of times.entries()) {
      const open = isOpen(gateOf({ days: EveryDay, from, to, timeZone }), time);
      const end = times[index + 1];
      expect(timeoutAt(policy, time)).toBe(open && end !== undefined ? (end - time) / 1000 : undefined);
    }
  });
});

test('it is the first turn, found minute by minute, in every zone around every change of the clocks', () => {
  const changes = [
    ['Europe/Stockholm', '2026-03-29T01:00:00Z'],
    ['Europe/Stockholm', '2026-10-25T01:00:00Z'],
    ['Australia/Sydney', '2026-04-04T16:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
    ['America/St_Johns', '2026-11-01T04:30:00Z'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00Z'],
    ['Pacific/Kiritimati', '2026-06-01T00:00:00Z'],
    ['Pacific/Pago_Pago', '2026-06-01T00:00:00Z'],
  ] as const;
  const cases = fc.record({
    change: fc.constantFrom(...changes),
    before: fc.integer({ min: 0, max: 6 * 60 }),
    from: fc.integer({ min: 0, max: 1439 }),
    length: fc.integer({ min: 1, max: 180 }),
    days: fc.uniqueArray(fc.constantFrom(...EveryDay), { minLength: 1 }),
  });
  fc.assert(
    fc.property(cases, ({ change: [timeZone, moment], before, from, length, days }) => {
      const gate = gateOf({ days, from, to: Math.min(1440, from + length), timeZone });
      const now = at(moment) - before * Minute;
      const walked = firstTurn(gate, now);
      if (walked === undefined)
        expect(nextChange(gate, now) ?? now + Reach).toBeGreaterThanOrEqual(now + Reach);
      else expect(nextChange(gate, now)).toBe(walked);
    }),
    { numRuns: 100 },
  );
});

/** The first minute at which the answer is another, within {@link Reach}. */
function firstTurn(gate: Gate, now: number): number | undefined {
  for (let time = now + Minute; time < now + Reach; time += Minute) {
    if (isOpen(gate, time) !== isOpen(gate, now)) return time;
  }
  return undefined;
}

function gateOf(schedule: Schedule): Gate {
  return { opensAt: 0, closesAt: 0, schedule, session: false };
}

function policyWith(schedule: Schedule): Policy {
  return policyOf({ flows: [{ ...gatedFlow(1, 'C-06/F-01'), gate: gateOf(schedule) }] });
}

/** Seconds the kernel is told to keep the flow open; undefined where it is shut. */
function timeoutAt(policy: Policy, now: number): number | undefined {
  const open = openGates(policy, { now, synchronised: true, newestEvidence: 0 });
  const found = /"timeout":(\d+)/.exec(JSON.stringify(renderGates(policy, open, now)));
  return found === null ? undefined : Number(found[1]);
}

const Minute = 60_000;
const Reach = 12 * 60 * Minute;
