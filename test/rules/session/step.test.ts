import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../rules/session/digest.ts';
import type { GrantRequest } from '../../../rules/session/grant.ts';
import { ask, step } from '../../../rules/session/step.ts';
import {
  asked,
  at,
  good,
  Hour,
  kinds,
  lead,
  Minute,
  noTotals,
  opened,
  opening,
  passkey,
  person,
  request,
  rules,
  safety,
  sha256,
  yes,
} from './sample-grant.ts';

describe('a request', () => {
  test('goes on record with the digest that approvals are bound to', () => {
    const digest = digestOf(request, sha256);
    const stepped = good(
      ask(request, digest, { duties: ['shift-lead'], terms: '', weak: false }, rules, at(0)),
    );
    expect(stepped.grant.phase).toBe('requested');
    expect(stepped.acts).toMatchObject([
      {
        kind: 'grantRequested',
        by: 'service-1',
        extension: 0,
        digest: Uint8Array.from(Buffer.from(digest, 'hex')),
      },
    ]);
  });

  test('for longer than the model allows is none', () => {
    const long = { ...request, length: 5 * Hour };
    expect(ask(long, '', { duties: ['shift-lead'], terms: '', weak: false }, rules, at(0))).toMatchObject({
      refusal: 'too-long',
    });
  });

  test('nobody answers ends by itself, on record, and is answered no more', () => {
    const grant = asked();
    const look = { kind: 'look', totals: noTotals } as const;
    expect(good(step(grant, look, at(Hour - 1), rules)).grant.phase).toBe('requested');
    expect(step(grant, yes(lead, grant.asked.digest), at(Hour), rules)).toMatchObject({ refusal: 'not-now' });
    const over = good(step(grant, look, at(Hour), rules));
    expect(over.grant.phase).toBe('refused');
    expect(over.acts).toMatchObject([{ kind: 'grantRefused', by: '', why: 'Nobody answered in time.' }]);
  });

  test('is withdrawn or denied by a person, who is named', () => {
    const denied = good(step(asked(), { kind: 'refuse', by: 'lena', why: 'Not today.' }, at(1), rules));
    expect(denied.acts).toMatchObject([
      { kind: 'grantRefused', by: 'lena', why: 'Not today.', extension: 0 },
    ]);
    expect(step(denied.grant, yes(lead, denied.grant.asked.digest), at(2), rules).ok).toBe(false);
  });
});

describe('an approval', () => {
  const grant = asked();
  const { digest } = grant.asked;

  test('by one who holds the duty approves, and says what was given', () => {
    const stepped = good(step(grant, yes(lead, digest), at(Minute), rules));
    expect(stepped.grant.phase).toBe('approved');
    expect(stepped.acts).toMatchObject([
      {
        kind: 'grantApproved',
        by: 'lena',
        role: 'shift-lead',
        means: 'passkey',
        missing: 0,
        assertion: '{"id":"k"}',
      },
    ]);
  });

  test.for([
    ['the one who asked', person('service-1', ['shift-lead'])],
    ['one without the duty', safety],
    ['one without the role', person('lena', ['shift-lead'], { roles: ['operator'] })],
    ['one whose authenticators were just reset', person('lena', ['shift-lead'], { mayApprove: false })],
  ] as const)('by %s is none', ([, by]) => {
    expect(step(grant, yes(by, digest), at(1), rules)).toMatchObject({ ok: false, refusal: 'not-permitted' });
  });

  test('where the model names no duty is by anybody who may approve, and by nobody else', () => {
    const free = asked(['']);
    const viewer = person('vera', [], { roles: ['viewer'] });
    expect(step(free, yes(viewer, free.asked.digest), at(1), rules)).toMatchObject({
      refusal: 'not-permitted',
    });
    const given = good(step(free, yes(person('anna', []), free.asked.digest), at(1), rules));
    expect(given.grant.phase).toBe('approved');
  });

  test('of another digest is none', () => {
    expect(step(grant, yes(lead, 'ff'.repeat(32)), at(1), rules)).toMatchObject({ refusal: 'other-digest' });
  });

  test('by two people is by two, each in a duty of their own', () => {
    const two = asked(['shift-lead', 'safety-engineer']);
    const both = person('lena', ['shift-lead', 'safety-engineer']);
    const first = good(step(two, yes(both, two.asked.digest), at(1), rules));
    expect(first.grant.phase).toBe('requested');
    expect(step(first.grant, yes(both, two.asked.digest), at(2), rules)).toMatchObject({
      refusal: 'not-permitted',
      detail: 'It has this approval already.',
    });
    expect(step(first.grant, yes(lead, two.asked.digest), at(2), rules).ok).toBe(false);
    const second = good(step(first.grant, yes(safety, two.asked.digest), at(3), rules));
    expect(second.grant.phase).toBe('approved');
    expect(second.acts).toMatchObject([{ missing: 0, role: 'safety-engineer' }]);
  });

  test('by two people of one duty is by two people all the same', () => {
    const two = asked(['shift-lead', 'shift-lead']);
    const first = good(step(two, yes(lead, two.asked.digest), at(1), rules));
    expect(first.grant.phase).toBe('requested');
    const other = person('nils', ['shift-lead']);
    expect(good(step(first.grant, yes(other, two.asked.digest), at(2), rules)).grant.phase).toBe('approved');
  });
});

describe('break-glass', () => {
  const alone = { kind: 'break-glass', proof: passkey, certificate: '', why: 'Chlorine leak.' } as const;

  test('by one person alone stands for every missing approval, with an alarm and the reason', () => {
    const grant = asked(['shift-lead', 'safety-engineer']);
    const by = person('eva', [], { roles: ['engineer'] });
    const stepped = good(step(grant, { ...alone, by, digest: grant.asked.digest }, at(1), rules));
    expect(stepped.grant.phase).toBe('approved');
    expect(stepped.effects).toEqual(['alarm']);
    expect(stepped.acts).toMatchObject([
      { means: 'break-glass', role: '', why: 'Chlorine leak.', missing: 0 },
    ]);
  });

  test('is not for the one who asked, nor for just anybody', () => {
    const grant = asked();
    const { digest } = grant.asked;
    for (const by of [
      person('service-1', [], { roles: ['engineer'] }),
      person('vera', [], { roles: ['viewer'] }),
      person('eva', [], { roles: ['engineer'], mayApprove: false }),
    ]) {
      expect(step(grant, { ...alone, by, digest }, at(1), rules).ok).toBe(false);
    }
  });
});

describe('opening', () => {
  const grant = asked();
  const approved = good(step(grant, yes(lead, grant.asked.digest), at(Minute), rules)).grant;

  test('is put on record with its end, and lasts as long as was asked for', () => {
    const stepped = good(step(approved, opening, at(2 * Minute), rules));
    expect(stepped.acts).toMatchObject([
      { kind: 'grantOpened', until: request.askedAt + 2 * Minute + 2 * Hour, policyVersion: 42 },
    ]);
    expect(stepped.effects).toEqual(['open']);
    expect(stepped.grant.opened?.until).toBe(2 * Minute + 2 * Hour);
  });

  test('lasts no longer than window and contract', () => {
    const stepped = good(step(approved, opening, at(2 * Minute), { ...rules, longest: 10 * Minute }));
    expect(stepped.grant.opened?.until).toBe(12 * Minute);
  });

  test('does not happen before the approvals, nor while a condition does not hold', () => {
    expect(step(grant, opening, at(1), rules).ok).toBe(false);
    expect(step(approved, { ...opening, holds: false }, at(1), rules).ok).toBe(false);
    expect(step(approved, opening, at(Minute + Hour), rules).ok).toBe(false);
  });

  test('waits an hour for its conditions and is refused then', () => {
    const look = { kind: 'look', totals: noTotals } as const;
    const over = good(step(approved, look, at(Minute + Hour), rules));
    expect(over.grant.phase).toBe('refused');
    expect(kinds(over.acts)).toEqual(['grantRefused']);
  });
});

describe('an end', () => {
  test('cuts first and is put on record once, with the last counts', () => {
    const cut = good(
      step(opened(), { kind: 'end', cause: 'grant-stopped', by: 'lena', why: 'done' }, at(2 * Minute), rules),
    );
    expect([cut.grant.phase, cut.acts, cut.effects]).toEqual(['closing', [], ['cut']]);
    const totals = { ...noTotals, writes: 3 };
    const closed = good(step(cut.grant, { kind: 'settled', totals }, at(3 * Minute), rules));
    expect(closed.acts).toEqual([
      {
        kind: 'grantClosed',
        grant: request.grant,
        cause: 'grant-stopped',
        by: 'lena',
        why: 'done',
        ...totals,
      },
    ]);
    expect(closed.effects).toEqual(['receipt']);
    expect(step(closed.grant, { kind: 'settled', totals }, at(4 * Minute), rules).ok).toBe(false);
    expect(step(closed.grant, opening, at(4 * Minute), rules).ok).toBe(false);
  });

  test.for([
    ['grant-ended', Minute + 2 * Hour, noTotals],
    ['grant-idle', Minute + 15 * Minute, noTotals],
    ['too-much-data', 2 * Minute, { ...noTotals, bytesFromServer: 1_000_001 }],
  ] as const)('comes by itself: %s', ([cause, mono, totals]) => {
    const grant = opened();
    const active = cause === 'grant-ended' ? { ...grant, activeAt: mono } : grant;
    const before = good(step(active, { kind: 'look', totals: noTotals }, at(mono - 1), rules));
    expect(before.grant.phase).toBe('open');
    const after = good(step(active, { kind: 'look', totals }, at(mono), rules));
    expect(after.grant).toMatchObject({ phase: 'closing', ended: { cause } });
  });

  test('by idleness is put off by payload alone', () => {
    const active = good(step(opened(), { kind: 'activity' }, at(10 * Minute), rules)).grant;
    const look = { kind: 'look', totals: noTotals } as const;
    expect(good(step(active, look, at(24 * Minute), rules)).grant.phase).toBe('open');
    expect(good(step(active, look, at(25 * Minute), rules)).grant.phase).toBe('closing');
  });

  test('comes at its time whatever the wall clock says', () => {
    const grant = { ...opened(), activeAt: 2 * Hour };
    const look = { kind: 'look', totals: noTotals } as const;
    for (const wall of [0, request.askedAt + 10 * 365 * 24 * Hour]) {
      expect(good(step(grant, look, at(2 * Hour + Minute - 1, wall), rules)).grant.phase).toBe('open');
      expect(good(step(grant, look, at(2 * Hour + Minute, wall), rules)).grant.phase).toBe('closing');
    }
  });
});

describe('more time', () => {
  function moreOf(extension: number, by = request.person): GrantRequest {
    return { ...request, by, extension, reason: 'Longer than thought.', askedAt: request.askedAt + Hour };
  }
  function asking(extension: number, by?: string) {
    const more = moreOf(extension, by);
    return { kind: 'extend', request: more, digest: digestOf(more, sha256) } as const;
  }

  test('is another digest, wants the approvals anew, and changes nothing before', () => {
    const grant = opened();
    const wished = good(step(grant, asking(Hour), at(Hour), rules)).grant;
    expect(wished.more?.digest).not.toBe(grant.asked.digest);
    expect(wished.opened?.until).toBe(grant.opened?.until);
    expect(step(wished, yes(lead, grant.asked.digest), at(Hour), rules)).toMatchObject({
      refusal: 'other-digest',
    });
    const longer = good(
      step(wished, { ...yes(lead, wished.more!.digest), certificate: 'cd'.repeat(32) }, at(Hour), rules),
    );
    expect(longer.grant.opened).toMatchObject({ until: Minute + 3 * Hour, certificate: 'cd'.repeat(32) });
    expect(kinds(longer.acts)).toEqual(['grantApproved', 'grantExtended']);
    expect(longer.effects).toEqual(['prolong']);
  });

  test('is not approved by whoever asked for it, be it for somebody else', () => {
    const wished = good(step(opened(), asking(Hour, 'lena'), at(Hour), rules)).grant;
    expect(step(wished, yes(lead, wished.more!.digest), at(Hour), rules)).toMatchObject({
      refusal: 'not-permitted',
    });
  });

  test('that is not given leaves the grant as it is, and nobody can give it any more', () => {
    const wished = good(step(opened(), asking(Hour), at(Hour), rules)).grant;
    const denied = good(step(wished, { kind: 'refuse', by: 'lena', why: '' }, at(Hour), rules));
    expect(denied.grant).toMatchObject({ phase: 'open', more: undefined });
    expect(denied.acts).toMatchObject([{ kind: 'grantRefused', extension: Hour }]);
    expect(step(denied.grant, yes(lead, wished.more!.digest), at(Hour), rules).ok).toBe(false);
  });

  test('ends at the limit of the model all the same', () => {
    expect(step(opened(), asking(2 * Hour + 1), at(Hour), rules)).toMatchObject({ refusal: 'too-long' });
    const wished = good(step(opened(), asking(Hour), at(Hour), rules)).grant;
    const event = yes(lead, wished.more!.digest);
    const longer = good(step(wished, event, at(Hour), { ...rules, longest: 1.5 * Hour }));
    expect(longer.grant.opened?.until).toBe(2.5 * Hour);
  });
});
