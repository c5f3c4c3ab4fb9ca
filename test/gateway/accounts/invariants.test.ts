import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Role } from '../../../gateway/ipc/account-body.ts';
import { addPerson, contextOf, enrol, firstAdministrator, openWorld, type Person, signIn } from './world.ts';

/** What may befall an account, in any order; a number is time that passes, milliseconds. */
const step = fc.constantFrom(
  ...(['sign-in', 'sign-in', 'disable', 'enable', 'renew', 'end', 'restart', 'demote', 'promote'] as const),
  ...[60_000, 40 * 60_000, 13 * 3_600_000, 23 * 3_600_000],
);

test('whatever happens in whatever order: no live sign-in of who may not, no approval within a day of a reset', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const world = openWorld();
      try {
        await firstAdministrator(world);
        const bo = await addPerson(world, 'console', 'bo', ['administrator']);
        let pia: Person | undefined = await addPerson(world, 'console', 'pia', ['approver']);
        const sessions = [pia.session];
        let resetAt = 0;
        const set = (change: object) => world.call('account-set', { name: 'pia', ...change }, 'console');

        for (const one of steps) {
          if (typeof one === 'number') world.pass(one);
          else if (one === 'disable') await set({ disabled: true });
          else if (one === 'enable') await set({ disabled: false });
          else if (one === 'end') await set({ endsAt: world.time.wall + 3_600_000 });
          else if (one === 'demote') await set({ roles: ['viewer' satisfies Role] });
          else if (one === 'promote') await set({ roles: ['approver' satisfies Role] });
          else if (one === 'restart') await world.restart();
          else if (one === 'sign-in' && pia !== undefined) {
            sessions.push(await signIn(world, pia).catch(() => ''));
          } else if (one === 'renew') {
            await world.call('account-reset', { name: 'pia', why: '' }, 'console');
            const done = await world.done('account-reset', { name: 'pia', why: '' }, await signIn(world, bo));
            resetAt = world.time.wall;
            if (done.invitation === undefined) throw new Error('two have asked for it');
            // A disabled or ended one is not taken up.
            pia = await enrol(world, done.invitation).catch(() => undefined);
            if (pia !== undefined) sessions.push(pia.session);
          }
          for (const session of sessions) {
            const me = world.book.caller(contextOf({ session, attended: false }), { call: 'me' });
            if (!me.ok) continue;
            expect(world.book.isUsable('pia')).toBe(true);
            const approves = world.book.caller(contextOf({ session, attended: false }), {
              call: 'grant-approve',
            });
            if (!approves.ok) continue;
            expect(world.book.find('pia')).toMatchObject({ mayApprove: true, roles: ['approver'] });
            expect(world.time.wall - resetAt).toBeGreaterThanOrEqual(24 * 3_600_000);
          }
        }
      } finally {
        await world.close();
      }
    }),
    { numRuns: 120 },
  );
});
