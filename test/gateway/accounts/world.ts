import { scryptSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import type { CallContext, CallOutcome } from '../../../gateway/access/caller.ts';
import type { AccountBook, AccountCall } from '../../../gateway/accounts/account-book.ts';
import { openAccountBook } from '../../../gateway/accounts/open-account-book.ts';
import { createPasswordHasher, type Derive } from '../../../gateway/accounts/password-hash.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import type { Role } from '../../../gateway/ipc/account-body.ts';
import type { Answers, Asks, Second } from '../../../gateway/ipc/calls.ts';
import type { Act, EvidenceRecord } from '../../../rules/record/record.ts';

/** An account book with a clock that is moved by hand, evidence in memory, and a directory of its own. */
export interface World {
  readonly book: AccountBook;
  readonly directory: string;
  /** Everything on record, oldest first. */
  readonly acts: Act[];
  /** What was told of revocations, `anna account-revoked`. */
  readonly revoked: string[];
  readonly time: { wall: number; monotonic: number };
  /** Both clocks. Milliseconds. */
  readonly pass: (milliseconds: number) => void;
  /** Whether the evidence can be written. */
  readonly disk: { works: boolean };
  readonly waived: Set<string>;
  readonly call: <N extends AccountCall>(
    name: N,
    asks: Asks<N>,
    who?: string | Partial<CallContext>,
  ) => Promise<CallOutcome<N>>;
  /** The same, and it must be done. */
  readonly done: <N extends AccountCall>(
    name: N,
    asks: Asks<N>,
    who?: string | Partial<CallContext>,
  ) => Promise<Answers<N>>;
  /** The engine starts anew over the same directory. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Somebody with an account, signed in with password and code. */
export interface Person {
  readonly name: string;
  readonly password: string;
  /** Secret of the sign-in. */
  readonly session: string;
  readonly secret: string;
  readonly codes: readonly string[];
}

/** Where people call from unless a test says otherwise. */
export const Desk = '10.20.0.7';

export function openWorld(change: { readonly name?: string; readonly loopback?: boolean } = {}): World {
  const directory = mkdtempSync(join(tmpdir(), 'pst-accounts-'));
  const acts: Act[] = [];
  const revoked: string[] = [];
  const time = { wall: Date.UTC(2026, 10, 21, 12, 0, 5), monotonic: 1_000_000 };
  const disk = { works: true };
  const waived = new Set<string>();
  const take = (record: EvidenceRecord): void => {
    if (record.kind === 'act') acts.push(record.act);
  };

  function open(): AccountBook {
    const book = openAccountBook({
      directory: join(directory, 'access'),
      site: 'riverside-wtp',
      gateway: 'cgw-01',
      name: change.name ?? 'penstock.plant.example',
      page: { loopback: change.loopback ?? false, port: 443 },
      banner: 'For authorised people only.',
      evidence: {
        append: take,
        appendDurable: async (record) => {
          if (!disk.works) throw new GatewayError('PST_ERR_EVIDENCE', 'no space left on device');
          take(record);
        },
      },
      clock: { wall: () => time.wall, monotonic: () => time.monotonic },
      isWaived: (account) => waived.has(account),
      hasher: createPasswordHasher({ N: 16, r: 1, p: 1 }, deriveHere),
    });
    book.onRevoked((account, cause) => revoked.push(`${account} ${cause}`));
    return book;
  }

  const world = {
    book: open(),
    directory: join(directory, 'access'),
    acts,
    revoked,
    time,
    disk,
    waived,
    pass: (milliseconds: number) => {
      time.wall += milliseconds;
      time.monotonic += milliseconds;
    },
    call: <N extends AccountCall>(name: N, asks: Asks<N>, who: string | Partial<CallContext> = '') =>
      world.book.handlers[name](asks, contextOf(who)),
    done: async <N extends AccountCall>(name: N, asks: Asks<N>, who?: string | Partial<CallContext>) => {
      const outcome = await world.call(name, asks, who);
      if (!outcome.ok) throw new Error(`${name}: ${outcome.refusal.code} ${outcome.refusal.sentence}`);
      return outcome.body;
    },
    restart: async () => {
      await world.book.close();
      world.book = open();
    },
    close: async () => {
      await world.book.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return world;
}

/** `console` or the secret of a sign-in, or where else a call comes from. */
export function contextOf(who: string | Partial<CallContext>): CallContext {
  if (who === 'console') return { at: 'console', by: 'root' };
  if (typeof who === 'object' && who.at === 'console') return { at: 'console', by: 'root', ...who };
  const given = typeof who === 'string' ? { session: who } : who;
  return { at: 'front', session: '', source: Desk, attended: true, ...given } as CallContext;
}

/** scrypt without a thread of its own, for hashes that cost nothing. */
export const deriveHere: Derive = async (password, salt, bytes, cost) =>
  scryptSync(password, salt, bytes, cost);

export const None: Second = { kind: 'none' };

/** The code an authenticator shows now; the next one once this was used. */
export function codeOf(world: World, secret: string): string {
  return new TOTP({ secret, digits: 6, period: 30, algorithm: 'SHA1' }).generate({
    timestamp: world.time.wall,
  });
}

/** A code that was not used yet: half a minute later. */
export function freshCode(world: World, secret: string): Second {
  world.pass(30_000);
  return { kind: 'totp', code: codeOf(world, secret) };
}

/** The first administrator of the box, made at its console. */
export async function firstAdministrator(world: World, name = 'ada'): Promise<Person> {
  const invitation = await world.done('first-administrator', { name, fullName: 'Ada Lind' }, 'console');
  return enrol(world, invitation);
}

/** Another person, invited by somebody and signed in. */
export async function addPerson(
  world: World,
  by: string,
  name: string,
  roles: readonly Role[],
  more: Partial<Asks<'account-add'>> = {},
): Promise<Person> {
  const vendor = roles.includes('vendor') ? 'pumpco' : '';
  const endsAt = vendor === '' ? 0 : world.time.wall + 90 * 86_400_000;
  const rest = { fullName: `${name} of the plant`, duties: [], vendor, endsAt, ...more };
  const invitation = await world.done('account-add', { name, roles: [...roles], ...rest }, by);
  return enrol(world, invitation);
}

/** Takes an invitation up: a password, then an authenticator. */
export async function enrol(
  world: World,
  { name, code }: { readonly name: string; readonly code: string },
): Promise<Person> {
  const password = `${name}: thirteen pumps hum at night`;
  const { session } = await world.done('accept-invitation', { name, code, password });
  const { secret } = await world.done('totp-begin', {}, session);
  const { codes } = await world.done('totp-finish', { code: codeOf(world, secret), label: 'phone' }, session);
  return { name, password, session, secret, codes };
}

/** Signs in once more. */
export async function signIn(
  world: World,
  { name, password, secret }: Person,
  source = Desk,
): Promise<string> {
  const second = freshCode(world, secret);
  return (await world.done('sign-in', { name, password, second }, { source })).session;
}

/** The code of a refusal, or `done`. */
export function codeFrom(outcome: CallOutcome<AccountCall>): string {
  return outcome.ok ? 'done' : outcome.refusal.code;
}
