import { createHash } from 'node:crypto';
import { digestOf } from '../../rules/session/digest.ts';
import type { GrantRequest } from '../../rules/session/grant.ts';
import { ask } from '../../rules/session/step.ts';
import { termsOf, termsText, windowOf } from '../../rules/session/terms.ts';
import type { CallHandlers } from '../access/caller.ts';
import { refuse } from '../access/refusals.ts';
import type { GrantBook } from './grant-book.ts';
import { type Entry, entryOf, type KeptGrant, NoTotals } from './grant-entry.ts';
import { refusalOf } from './grant-refusals.ts';
import { randomName } from './names.ts';
import { offerTo, targetsOf } from './offer.ts';
import type { BrokerParts } from './parts.ts';

/** What the person asks for whose grant it is to be. */
export function requestCalls(
  parts: BrokerParts,
  book: GrantBook,
): CallHandlers<'offer' | 'grant-request' | 'grant-extend'> {
  const { people, policy, limits, site, gateway, keySwitch, evidence, authority } = parts;
  const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
  /** Requests that are being put on record, by whom they are for: who asks many times at once is counted as well. */
  const beginning = new Map<string, number>();

  return {
    offer: async (_, context) => {
      const admitted = people.caller(context, { call: 'offer' });
      if (!admitted.ok) return admitted;
      const active = policy();
      if (active === undefined) return { ok: true, body: [] };
      const { wall } = book.judge.now();
      const obstacles = [
        ...(evidence.broken() === '' ? [] : ['Nothing can be put on record now, so nobody is let in.']),
        ...authority.troubles(),
        ...(keySwitch() === 'open' ? ['The key switch is open: somebody at the plant has to close it.'] : []),
      ];
      return { ok: true, body: offerTo(admitted.caller.name, active.policy, parts, wall, () => obstacles) };
    },

    'grant-request': async (asks, context) => {
      const admitted = people.caller(context, { call: 'grant-request' });
      if (!admitted.ok) return admitted;
      const { caller } = admitted;
      const active = policy();
      const terms = active && termsOf(active.policy, { ...asks, person: caller.name });
      // Of another vendor it is not told whether there is such a target.
      if (active === undefined || terms === undefined || caller.vendor !== asks.vendor) {
        return refuse('PST_NOT_HERE', 'None of the targets you may ask for has this name.');
      }
      if (terms.pinhole !== (asks.carrier === 'pinhole')) {
        return refuse('PST_NOT_WORD', 'These targets are not reached over this carrier.');
      }
      const { carriers = [] } =
        offerTo(caller.name, active.policy, parts, 0, () => []).find(
          ({ vendor }) => vendor === asks.vendor,
        ) ?? {};
      if (!carriers.includes(asks.carrier)) return refuse('PST_NOT_WORD', 'This box offers no such carrier.');
      const now = book.judge.now();
      if (windowOf(terms.flows, now.wall).contractEnded)
        return refuse('PST_NOT_NOW', 'The contract has ended.');
      const begun = beginning.get(caller.name) ?? 0;
      if (isTooMuch(book.entries(), caller.name, now.wall, limits.requestsPerHour, begun)) {
        return refuse('PST_SLOW_DOWN', 'Your other requests have to be answered first, or an hour to pass.');
      }
      const { role, second } = terms.vendor.approval;
      const request: GrantRequest = {
        ...{ site, gateway, grant: randomName('G'), person: caller.name, by: caller.name },
        ...{ vendor: asks.vendor, targets: asks.targets, carrier: asks.carrier },
        ...{ reason: asks.reason, ticket: asks.ticket, length: asks.length, extension: 0 },
        askedAt: now.wall,
        policyVersion: active.policy.version,
        policyDigest: active.digest,
      };
      const rules = { ...limits, ...terms.vendor.limits, longest: 0, maxBytes: limits.grantBytes };
      const about = {
        duties: second === '' ? [role] : [role, second],
        terms: termsText(active.policy, terms),
        weak: terms.pinhole,
      };
      const asked = ask(request, digestOf(request, sha256), about, rules, now);
      if (!asked.ok) return refusalOf(asked);
      const known = targetsOf(active.policy, terms.vendor);
      const kept: KeptGrant = {
        format: 1,
        grant: asked.grant,
        company: terms.vendor.company,
        fullName: caller.fullName,
        targets: asks.targets.flatMap((id) => known.find((target) => target.id === id) ?? []),
        opening: false,
        approvals: [],
        extensions: [],
        channels: [],
        earlier: NoTotals,
        operations: [],
        operationsLeftOut: 0,
        receipt: undefined,
      };
      const entry = entryOf(kept);
      beginning.set(caller.name, begun + 1);
      try {
        await book.keeper.begin(entry, asked, now);
        book.add(entry);
      } finally {
        const left = (beginning.get(caller.name) ?? 1) - 1;
        if (left > 0) beginning.set(caller.name, left);
        else beginning.delete(caller.name);
      }
      return { ok: true, body: book.describe(entry) };
    },

    'grant-extend': async (asks, context) => {
      const admitted = people.caller(context, { call: 'grant-extend' });
      if (!admitted.ok) return admitted;
      const { caller } = admitted;
      const entry = book.visible(asks.grant, caller);
      const active = policy();
      if (entry === undefined || active === undefined) return refuse('PST_NOT_HERE');
      const request: GrantRequest = {
        ...entry.kept.grant.asked.request,
        by: caller.name,
        reason: asks.reason,
        extension: asks.length,
        askedAt: book.judge.now().wall,
        policyVersion: active.policy.version,
        policyDigest: active.digest,
      };
      // Each asking goes on record, and nothing of that is ever given up.
      if (entry.asks >= MostExtensions) return refuse('PST_SLOW_DOWN');
      entry.asks += 1;
      const digest = digestOf(request, sha256);
      const stepped = await book.keeper.take(entry, { kind: 'extend', request, digest });
      return stepped.ok ? { ok: true, body: book.describe(entry) } : refusalOf(stepped);
    },
  };
}

function isTooMuch(
  entries: readonly Entry[],
  person: string,
  now: number,
  most: number,
  begun: number,
): boolean {
  const mine = entries.filter(({ kept }) => kept.grant.asked.request.person === person);
  const waiting = mine.filter(
    ({ kept: { grant } }) => grant.phase === 'requested' || grant.phase === 'approved',
  );
  const recent = mine.filter(({ kept }) => Math.abs(now - kept.grant.asked.request.askedAt) < Hour);
  return waiting.length + begun >= MostWaiting || recent.length + begun >= most;
}

/** Requests of one person that wait at a time. */
const MostWaiting = 8;
/** How often more time is asked for in one grant. */
const MostExtensions = 16;
/** Milliseconds. */
const Hour = 3_600_000;
