import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AccountBook } from '../../../gateway/accounts/account-book.ts';
import { createHashThread } from '../../../gateway/accounts/hash-thread.ts';
import { openAccountBook } from '../../../gateway/accounts/open-account-book.ts';
import { createPasswordHasher, LongestLane, LongestWait } from '../../../gateway/accounts/password-hash.ts';
import { systemClock } from '../../../gateway/clock.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { contextOf, deriveHere, None } from './world.ts';

/** Half the memory and a third of the work of a box, and still a hundred times what any other call takes. */
const Cost = { N: 2 ** 14, r: 8, p: 1 };

let directory: string;
let book: AccountBook;
let records: EvidenceRecord[];
const thread = createHashThread();
const hasher = createPasswordHasher(Cost, thread.derive);
afterAll(thread.close);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pst-flood-'));
  records = [];
  book = openAccountBook({
    directory,
    site: 'riverside-wtp',
    gateway: 'cgw-01',
    name: 'penstock.plant.example',
    page: { loopback: false, port: 443 },
    banner: '',
    evidence: {
      append: (record) => void records.push(record),
      appendDurable: async (record) => void records.push(record),
    },
    clock: systemClock,
    isWaived: () => true,
    hasher,
  });
});
afterEach(async () => {
  await book.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a minute’s worth of ten thousand log-ins', () => {
  test('costs one hash at a time, a bounded line, little of the engine’s loop and few records', async () => {
    const { handlers } = book;
    const invitation = await handlers['first-administrator'](
      { name: 'ada', fullName: 'Ada' },
      contextOf('console'),
    );
    if (!invitation.ok) throw new Error(invitation.refusal.sentence);
    const password = 'thirteen pumps hum at night';
    const here = contextOf({ source: '10.20.0.7' });
    await handlers['accept-invitation']({ name: 'ada', code: invitation.body.code, password }, here);

    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    let waiting = 0;
    const answers = new Map<string, number>();
    const flood = async (one: number): Promise<void> => {
      const source = `198.51.${one % 256}.${(one >> 8) % 256}`;
      const asks = { name: one % 2 === 0 ? 'ada' : `name-${one}`, password: `guess ${one}`, second: None };
      const answer = await handlers['sign-in'](asks, contextOf({ source }));
      const code = answer.ok ? 'done' : answer.refusal.code;
      answers.set(code, (answers.get(code) ?? 0) + 1);
    };
    const all: Promise<void>[] = [];
    for (let one = 0; one < 10_000; one += 1) {
      all.push(flood(one));
      waiting = Math.max(waiting, hasher.waiting());
      if (one % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // The person at her desk is not lost among them.
    const signedIn = await handlers['sign-in']({ name: 'ada', password, second: None }, here);
    expect(signedIn.ok).toBe(true);
    await Promise.all(all);
    delay.disable();

    expect(waiting).toBeLessThanOrEqual(2 * LongestLane + 1);
    expect(answers.get('done')).toBeUndefined();
    expect(answers.get('PST_SLOW_DOWN')).toBeGreaterThan(5_000);
    expect(delay.percentile(99) / 1e6).toBeLessThan(500);
    expect(records.length).toBeLessThan(100);
  });
});

describe('the line for password hashes', () => {
  test('serves who is known at a place first, and sends away what does not fit', async () => {
    const hasher = createPasswordHasher({ N: 2 ** 12, r: 8, p: 1 }, thread.derive);
    const stored = (await hasher.hash('four tanks of lime')) ?? '';
    const order: string[] = [];
    const strange = Array.from({ length: LongestLane + 4 }, (_, index) =>
      hasher.verify('guess', stored, false).then((right) => order.push(`strange ${index} ${right}`)),
    );
    const familiar = hasher
      .verify('four tanks of lime', stored, true)
      .then((right) => order.push(`known ${right}`));
    expect(hasher.waiting()).toBe(LongestLane + 2);
    await Promise.all([...strange, familiar]);
    expect(order.slice(0, 3)).toEqual([
      'strange 9 undefined',
      'strange 10 undefined',
      'strange 11 undefined',
    ]);
    expect(order.slice(3, 5)).toEqual(['strange 0 false', 'known true']);
    expect(order).toHaveLength(LongestLane + 5);
    expect(hasher.waiting()).toBe(0);
  });

  test('hashes nothing for whom nobody waits any more', async () => {
    const done: ((hash: Uint8Array) => void)[] = [];
    const hasher = createPasswordHasher(Cost, () => new Promise((resolve) => done.push(resolve)));
    vi.spyOn(performance, 'now').mockReturnValue(0);
    const all = Array.from({ length: 4 }, () => hasher.verify('guess', '', false));
    await new Promise((resolve) => setImmediate(resolve));
    vi.spyOn(performance, 'now').mockReturnValue(LongestWait);
    done[0]?.(new Uint8Array(32));
    expect(await Promise.all(all)).toEqual([false, undefined, undefined, undefined]);
    vi.restoreAllMocks();
    expect(done).toHaveLength(1);
    expect(hasher.waiting()).toBe(0);
  });

  test('does the same work for a name there is not, and for one that has no password yet', async () => {
    const work: unknown[] = [];
    const hasher = createPasswordHasher(Cost, (password, salt, bytes, cost) => {
      work.push([password, salt.length, bytes, cost]);
      return thread.derive(password, salt, bytes, cost);
    });
    const stored = (await hasher.hash('four tanks of lime')) ?? '';
    work.length = 0;
    for (const against of [stored, '', 'nonsense']) {
      expect(await hasher.verify('guess', against, false)).toBe(false);
    }
    expect(work).toEqual([work[0], work[0], work[0]]);
  });

  test('goes on after a hash that cannot be made', async () => {
    const hasher = createPasswordHasher({ N: 3, r: 8, p: 1 }, thread.derive);
    await expect(hasher.hash('four tanks of lime')).rejects.toThrow();
    await expect(hasher.verify('four tanks of lime', '', true)).rejects.toThrow();
    expect(hasher.waiting()).toBe(0);
  });

  test('reads what it wrote with another cost, and nothing else', async () => {
    const cheap = createPasswordHasher({ N: 16, r: 1, p: 1 }, deriveHere);
    const stored = (await cheap.hash('four tanks of lime')) ?? '';
    expect(stored).toMatch(/^scrypt\$16\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
    const dear = createPasswordHasher(Cost, thread.derive);
    expect(await dear.verify('four tanks of lime', stored, true)).toBe(true);
    // Composed and decomposed letters are the same password.
    const accented = (await cheap.hash('cafe\u0301 by the weir')) ?? '';
    expect(await cheap.verify('caf\u00e9 by the weir', accented, true)).toBe(true);
    for (const other of ['', 'scrypt', 'bcrypt$1$2$3$4$5', stored.slice(0, -2)]) {
      expect(await cheap.verify('four tanks of lime', other, true), other).toBe(false);
    }
  });

  test('is served by a thread that is nicer than the rest of the process, and started anew should it end', async () => {
    const one = createHashThread();
    const niceness = () =>
      readdirSync('/proc/self/task').map((task) => {
        const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
      });
    const ours = niceness();
    const derive = () => one.derive('four tanks of lime', Buffer.alloc(16), 32, { N: 16, r: 1, p: 1 });
    const first = await derive();
    expect(Math.max(...niceness())).toBeGreaterThanOrEqual(Math.max(...ours));
    expect(niceness()).toContain(Math.min(...ours) + 5);
    await one.close();
    expect(await derive()).toEqual(first);
    await one.close();
  });
});
