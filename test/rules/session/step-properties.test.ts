import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestOf } from '../../../rules/session/digest.ts';
import type { Grant, GrantAct, GrantEvent, GrantPhase, Moment } from '../../../rules/session/grant.ts';
import { step } from '../../../rules/session/step.ts';
import {
  asked,
  at,
  Hour,
  Minute,
  noTotals,
  opening,
  passkey,
  person,
  request,
  rules,
  sha256,
} from './sample-grant.ts';

/*
 * Whatever happens, in whatever order: what is promised in rules/session/README.md holds. The events are made of the
 * right digest or a wrong one, by people who may and who may not.
 */

const people = [
  person('lena', ['shift-lead']),
  person('omar', ['safety-engineer']),
  person('both', ['shift-lead', 'safety-engineer']),
  person('eva', [], { roles: ['engineer'] }),
  person('reset', ['shift-lead', 'safety-engineer'], { mayApprove: false }),
  person('service-1', ['shift-lead', 'safety-engineer']),
  person('helper', ['shift-lead', 'safety-engineer']),
];

/** What is done next; digests are filled in where it is done, for they depend on what stands. */
type Deed =
  | { readonly what: 'approve' | 'break-glass'; readonly who: number; readonly right: boolean }
  | { readonly what: 'extend'; readonly by: string; readonly minutes: number }
  | { readonly what: 'open'; readonly holds: boolean }
  | { readonly what: 'refuse' | 'look' | 'end' | 'settled' | 'activity' };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    arbitrary: fc.record({
      what: fc.constantFrom('approve', 'break-glass'),
      who: fc.nat(people.length - 1),
      right: fc.boolean(),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ what: fc.constant('open' as const), holds: fc.boolean() }), weight: 4 },
  {
    arbitrary: fc.record({
      what: fc.constant('extend' as const),
      by: fc.constantFrom('service-1', 'helper'),
      minutes: fc.integer({ min: 1, max: 300 }),
    }),
    weight: 2,
  },
  fc.record({ what: fc.constantFrom('refuse', 'look', 'end', 'settled', 'activity') }),
);
/** Time only runs forward on one clock; the other does what it likes. */
const deeds = fc.array(
  fc.record({
    deed,
    pause: fc.integer({ min: 0, max: 20 * Minute }),
    wall: fc.integer({ min: 0, max: 4e12 }),
  }),
  { maxLength: 40 },
);
const duties = fc.constantFrom(
  ['shift-lead'],
  ['shift-lead', 'safety-engineer'],
  ['shift-lead', 'shift-lead'],
);

interface Passage {
  readonly before: Grant;
  readonly event: GrantEvent;
  readonly now: Moment;
  readonly after: Grant;
  readonly acts: readonly GrantAct[];
}

function live(needs: readonly string[], script: readonly { deed: Deed; pause: number; wall: number }[]) {
  let grant = asked(needs);
  let mono = 0;
  const passages: Passage[] = [];
  for (const { deed: one, pause, wall } of script) {
    mono += pause;
    const now = at(mono, wall);
    const event = eventOf(one, grant);
    const stepped = step(grant, event, now, rules);
    if (!stepped.ok) continue;
    passages.push({ before: grant, event, now, after: stepped.grant, acts: stepped.acts });
    grant = stepped.grant;
  }
  return passages;
}

function eventOf(one: Deed, grant: Grant): GrantEvent {
  switch (one.what) {
    case 'approve':
    case 'break-glass': {
      const digest = one.right ? (grant.more ?? grant.asked).digest : 'ff'.repeat(32);
      const by = people[one.who]!;
      return { kind: one.what, by, digest, proof: passkey, certificate: '', why: 'because' };
    }
    case 'extend': {
      const more = { ...request, by: one.by, extension: one.minutes * Minute, askedAt: request.askedAt + 1 };
      return { kind: 'extend', request: more, digest: digestOf(more, sha256) };
    }
    case 'open':
      return { ...opening, holds: one.holds };
    case 'refuse':
      return { kind: 'refuse', by: 'lena', why: '' };
    case 'end':
      return { kind: 'end', cause: 'grant-stopped', by: 'lena', why: '' };
    case 'look':
    case 'settled':
      return { kind: one.what, totals: noTotals };
    case 'activity':
      return { kind: 'activity' };
  }
}

const lives = fc.record({ needs: duties, script: deeds });

function check(property: (passages: readonly Passage[], needs: readonly string[]) => void): void {
  fc.assert(
    fc.property(lives, ({ needs, script }) => property(live(needs, script), needs)),
    { numRuns: 2_000 },
  );
}

/** Everybody the model names said yes to this digest, each another person, none of them the one who asked. */
function isCovered(grant: Grant, needs: readonly string[]): boolean {
  const { approvals, digest, request: told } = grant.asked;
  const valid = approvals.filter(
    (one) => one.digest === digest && one.by !== told.person && one.by !== told.by,
  );
  const names = new Set(valid.map(({ by }) => by));
  if (names.size !== approvals.length) return false;
  return valid.some(({ means }) => means === 'break-glass') || valid.length >= needs.length;
}

test('nothing opens without the approvals it needs, by different people, for the digest that stands', () => {
  let opened = 0;
  check((passages, needs) => {
    for (const { before, after } of passages) {
      if (after.phase !== 'open') continue;
      if (before.phase !== 'open') opened += 1;
      expect(isCovered(after, needs)).toBe(true);
    }
  });
  expect(opened).toBeGreaterThan(100);
});

test('nothing opens while a condition does not hold', () => {
  check((passages) => {
    for (const { before, after, event } of passages) {
      if (before.phase === 'open' || after.phase !== 'open') continue;
      expect(event).toMatchObject({ kind: 'open', holds: true });
    }
  });
});

test('what has ended never opens again, nor changes any more', () => {
  check((passages) => {
    const order: readonly GrantPhase[] = ['requested', 'approved', 'open', 'closing', 'closed'];
    for (const { before, after } of passages) {
      expect(['closed', 'refused']).not.toContain(before.phase);
      if (after.phase !== 'refused') {
        expect(order.indexOf(after.phase)).toBeGreaterThanOrEqual(order.indexOf(before.phase));
      }
    }
  });
});

test('every way out of open yields one record of the end, and nothing but open does', () => {
  check((passages) => {
    const acts = passages.flatMap((one) => one.acts.map(({ kind }) => kind));
    const count = (kind: string) => acts.filter((one) => one === kind).length;
    const wasClosed = passages.some(({ after }) => after.phase === 'closed');
    expect(count('grantOpened')).toBe(passages.some(({ after }) => after.phase === 'open') ? 1 : 0);
    expect(count('grantClosed')).toBe(wasClosed ? 1 : 0);
    if (wasClosed) expect(acts.indexOf('grantOpened')).toBeLessThan(acts.indexOf('grantClosed'));
  });
});

test('no end moves but by new approvals, and none beyond the limit of the model', () => {
  check((passages, needs) => {
    for (const { before, after } of passages) {
      if (before.opened === undefined || after.opened === undefined) continue;
      expect(after.opened.until - after.opened.at.mono).toBeLessThanOrEqual(rules.maxDuration);
      if (after.opened.until === before.opened.until) continue;
      expect(after.asked.digest).toBe(before.more?.digest);
      expect(isCovered(after, needs)).toBe(true);
      expect(after.opened.until - before.opened.until).toBeLessThanOrEqual(before.more!.request.extension);
    }
  });
});

test('nothing that is open outlives its end on the monotonic clock by a look', () => {
  check((passages) => {
    for (const { before, after, event, now } of passages) {
      if (event.kind !== 'look' || before.phase !== 'open') continue;
      if (now.mono >= before.opened!.until) expect(after.phase).toBe('closing');
    }
  });
});

test('a request waits an hour and no longer, whatever the wall clock says', () => {
  check((passages) => {
    for (const { before, after, now } of passages) {
      if (before.phase === 'requested' && after.phase !== 'refused') {
        if (after.phase === 'approved') expect(now.mono).toBeLessThan(Hour);
      }
    }
  });
});
