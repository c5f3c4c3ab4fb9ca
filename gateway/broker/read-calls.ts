import type { CallHandlers } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import { connectLines } from './connect-lines.ts';
import type { GrantBook } from './grant-book.ts';
import type { Entry } from './grant-entry.ts';
import type { Operations } from './operations.ts';
import type { BrokerParts } from './parts.ts';

/** What people look at, and what the person of a grant is handed for using it. */
export function readCalls(
  parts: BrokerParts,
  book: GrantBook,
  operations: Operations,
  /** A new certificate was handed out: the carriers take it from now on. */
  onCredentials: () => void,
): CallHandlers<
  'grants' | 'grant' | 'operations' | 'grant-credentials' | 'grant-receipt' | 'carrier-grants'
> {
  const { people, evidence } = parts;
  return {
    grants: async (_, context) => {
      const admitted = people.caller(context, { call: 'grants' });
      return admitted.ok ? { ok: true, body: book.mine(admitted.caller).map(book.describe) } : admitted;
    },

    grant: async ({ grant }, context) => {
      const admitted = people.caller(context, { call: 'grant' });
      if (!admitted.ok) return admitted;
      const entry = book.visible(grant, admitted.caller);
      return entry === undefined ? refuse('PST_NOT_HERE') : { ok: true, body: book.describe(entry) };
    },

    operations: async ({ after }, context) => {
      const admitted = people.caller(context, { call: 'operations' });
      if (!admitted.ok) return admitted;
      const { caller } = admitted;
      const mine = (grant: string): boolean => book.visible(grant, caller) !== undefined;
      return { ok: true, body: [...operations.after(after, mine)] };
    },

    'grant-credentials': async ({ grant }, context) => {
      const admitted = people.caller(context, { call: 'grant-credentials' });
      if (!admitted.ok) return admitted;
      const entry = book.visible(grant, admitted.caller);
      // Nobody but the person it was granted to, whatever their roles.
      if (entry === undefined || entry.kept.grant.asked.request.person !== admitted.caller.name) {
        return refuse('PST_NOT_HERE');
      }
      if (entry.kept.grant.phase !== 'open') return refuse('PST_NOT_NOW', 'It is not open.');
      return handOut(entry);
    },

    'grant-receipt': async ({ grant }, context) => {
      const admitted = people.caller(context, { call: 'grant-receipt' });
      if (!admitted.ok) return admitted;
      const entry = book.visible(grant, admitted.caller);
      if (entry === undefined) return refuse('PST_NOT_HERE');
      const { receipt } = entry.kept;
      if (receipt === undefined) return refuse('PST_NOT_NOW', 'A receipt is made when the grant has ended.');
      const { publicKey } = evidence.body();
      return { ok: true, body: { ...receipt, publicKey, verify: verifyLine(grant) } };
    },

    'carrier-grants': async ({ carrier }, context) => {
      const admitted = people.caller(context, { call: 'carrier-grants' });
      if (!admitted.ok) return admitted;
      const mine = book.entries().filter(({ kept: { grant } }) => {
        const { request } = grant.asked;
        return (
          grant.phase === 'open' && request.carrier === carrier && request.person === admitted.caller.name
        );
      });
      return { ok: true, body: mine.map(reachable) };
    },
  };

  function handOut(entry: Entry) {
    const { asked, opened } = entry.kept.grant;
    const { carrier, person } = asked.request;
    const targets = entry.kept.targets;
    const { name: host } = parts;
    if (carrier === 'tls' && parts.entry.tls !== undefined) {
      const { identity } = entry;
      if (identity === undefined) {
        return refuse('PST_NOT_NOW', 'They were handed out already, and nobody has them a second time.');
      }
      entry.identity = undefined;
      entry.formerCertificate = '';
      onCredentials();
      const { certificate, key, until } = identity;
      const { port } = parts.entry.tls;
      const lines = [...connectLines({ carrier, grant: entry.id, host, port, targets })];
      const authority = parts.authority.certificate;
      return { ok: true, body: { certificate, key, authority, host, port, until, lines } } as const;
    }
    if (carrier === 'ssh' && parts.entry.ssh !== undefined) {
      const { port } = parts.entry.ssh;
      const authority = parts.authority.sshHostKey().line;
      const lines = [
        ...connectLines({ carrier, grant: entry.id, host, port, targets, person, hostKey: authority }),
      ];
      const now = book.judge.now();
      const until = Math.round(now.wall + (opened?.until ?? now.mono) - now.mono);
      return { ok: true, body: { certificate: '', key: '', authority, host, port, until, lines } } as const;
    }
    return refuse('PST_NOT_NOW', 'Nothing is needed: the way is open for the sources the model names.');
  }

  function reachable(entry: Entry) {
    const policy = parts.policy()?.policy;
    const targets = entry.kept.targets.map(({ id, asset, port }) => ({
      ...{ id, asset, port },
      addresses: (policy?.assets.find(({ name }) => name === asset)?.addresses ?? []).map((one) =>
        one.replace(/\/\d+$/, ''),
      ),
    }));
    return { grant: entry.id, targets };
  }
}

function verifyLine(grant: string): string {
  return `penstock receipt verify ${grant}.receipt.json --key log.pub`;
}
