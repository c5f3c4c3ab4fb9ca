import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Role } from '../../../gateway/ipc/account-body.ts';
import { addPerson, contextOf, enrol, firstAdministrator, openWorld, type Person, signIn } from './world.ts';

/** What may befell an account, in any order. */
const step = fc.oneof(
  fc.constantFrom('sign-in', 'disable', 'enable', 'reset', 'enrol', 'end', 'restart', 'demote', 'promote'),
  fc.integer({ min: 1_000, max: 20 * 3_600_000 }),
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
        let invitation: { name: string; code: string } | undefined;
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
          } else if (one === 'reset') {
            await world.call('account-reset', { name: 'pia', why: '' }, 'console');
            const done = await world.done('account-reset', { name: 'pia', why: '' }, await signIn(world, bo));
            invitation = done.invitation;
            resetAt = world.time.wall;
            pia = undefined;
          } else if (one === 'enrol' && invitation !== undefined) {
            pia = await enrol(world, invitation).catch(() => undefined);
            invitation = undefined;
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
    { numRuns: 60 },
  );
});
