import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { Caller } from '../../../gateway/access/caller.ts';
import { refuse } from '../../../gateway/access/refusals.ts';
import type { Authority } from '../../../gateway/authority/authority.ts';
import type { KeptGrant } from '../../../gateway/broker/grant-entry.ts';
import type { GrantStore } from '../../../gateway/broker/grant-store.ts';
import type { EvidencePort, People } from '../../../gateway/broker/parts.ts';
import { GatewayError } from '../../../gateway/errors.ts';
import type { EvidenceRecord } from '../../../rules/record/record.ts';
import { person, type World } from './world.ts';

/** The people of a world: each is who they say, proves it with one code, and signs with what they were asked to sign. */
export function peopleOf(world: World): People {
  function callerOf(name: string, at: 'front' | 'console'): Caller {
    const known = world.people.get(name) ?? person([], []);
    const { roles, duties, vendor, mayApprove, factorAt } = known;
    return { name, fullName: name, roles, duties, vendor, session: 'S', at, factorAt, mayApprove };
  }

  return {
    caller: (context) => {
      if (context.at === 'console') return { ok: true, caller: callerOf('console:root', 'console') };
      return world.people.has(context.session)
        ? { ok: true, caller: callerOf(context.session, 'front') }
        : refuse('PST_NOT_SIGNED_IN');
    },
    signedIn: (secret) => {
      const [, account = ''] = /^ssh-(.*)-secret-secret$/.exec(secret) ?? [];
      return world.people.has(account) ? { account, session: 'S-1' } : undefined;
    },
    proveSecond: async (caller, second, challenge) => {
      world.proofs += 1;
      if (second.kind === 'passkey') {
        const right = second.response === Buffer.from(challenge ?? []).toString('hex');
        if (!right) return refuse('PST_SIGN_IN_REFUSED');
        return { ok: true, means: 'passkey', weak: false, assertion: `{"by":"${caller.name}"}` };
      }
      return second.kind === 'totp' && second.code === '123456'
        ? { ok: true, means: 'totp', weak: true, assertion: '' }
        : refuse('PST_SIGN_IN_REFUSED');
    },
    passkeyChallenge: async (_, challenge) => ({
      ok: true,
      options: Buffer.from(challenge).toString('hex'),
    }),
    find: (account) => {
      const one = world.people.get(account);
      if (one === undefined) return undefined;
      const { roles, duties, vendor, usable, mayApprove } = one;
      return {
        name: account,
        fullName: account,
        roles,
        duties,
        vendor,
        usable,
        mayApprove,
        hasFactor: true,
      };
    },
    isUsable: (account) => world.people.get(account)?.usable === true,
    resetWithin: (account) => world.people.get(account)?.recentlyReset === true,
    factorAt: (account) => world.people.get(account)?.factorAt,
  };
}

export function createAuthority(): Authority {
  let certificates = 0;
  return {
    certificate: 'AUTHORITY',
    pageIdentity: async () => ({ certificate: 'PAGE', key: 'PAGE-KEY' }),
    carrierIdentity: async () => ({ certificate: 'CARRIER', key: 'CARRIER-KEY' }),
    issueClient: async (_, until) => {
      certificates += 1;
      const fingerprint = createHash('sha256').update(`${certificates}`).digest('hex');
      return { certificate: `CERT-${certificates}`, key: 'KEY', fingerprint, until };
    },
    troubles: () => [],
    rotate: async () => undefined,
    sshHostKey: () => ({ key: 'HOST-KEY', line: 'ssh-ed25519 AAAA' }),
  };
}

/** One life of a process: with its end nothing it still does reaches anybody. */
export interface Life {
  dead: boolean;
}

export interface Told {
  readonly world: World;
  readonly life: Life;
  readonly story: string[];
  readonly records: EvidenceRecord[];
}

/** A log in memory that is as healthy as the world says. */
export function createEvidence({ world, life, story, records }: Told): EvidencePort {
  const key = generateKeyPairSync('ed25519');
  return {
    append: (record) => {
      if (life.dead) return;
      records.push(record);
      story.push(nameOf(record));
    },
    appendDurable: async (record) => {
      await world.disk();
      if (life.dead) return never;
      if (world.evidenceBroken !== '') throw new GatewayError('PST_ERR_EVIDENCE', world.evidenceBroken);
      records.push(record);
      story.push(nameOf(record));
    },
    checkpoint: async () => {
      story.push('checkpoint');
      return 'penstock/riverside-wtp/cgw-01/00000000\n9\nroot\n';
    },
    broken: () => world.evidenceBroken,
    body: () => ({
      checkpoint: '',
      origin: 'penstock/riverside-wtp/cgw-01/00000000',
      size: records.length,
      at: 0,
      witnessedSize: 0,
      witnesses: [],
      qr: '',
      publicKey: 'KEY',
      bytes: 0,
      maxBytes: 1,
      broken: world.evidenceBroken,
    }),
    accept: async () => undefined,
    addWitness: async () => '',
    sign: async (bytes) => sign(null, bytes, key.privateKey),
    toldOf: async () => {
      if (!world.logReads) throw new Error('EIO: i/o error, read');
      const told = new Map<string, Set<string>>();
      for (const one of records) {
        if (one.kind !== 'act' || !('grant' in one.act)) continue;
        const { grant, kind } = one.act;
        told.set(grant, (told.get(grant) ?? new Set()).add(kind));
      }
      return told;
    },
  };
}

/** What is kept, as text; a dead process writes to it no more. */
export function memoryStore(stored: Map<string, string>, life: Life): GrantStore {
  return {
    load: () => ({
      grants: [...stored.values()].map((text) => JSON.parse(text) as KeptGrant),
      unreadable: [],
    }),
    save: async (kept) => {
      if (life.dead) return never;
      stored.set(kept.grant.asked.request.grant, JSON.stringify(kept));
    },
    forget: async (grant) => void stored.delete(grant),
  };
}

const never = new Promise<never>(() => undefined);

function nameOf(record: EvidenceRecord): string {
  return record.kind === 'act' ? record.act.kind : record.kind;
}
