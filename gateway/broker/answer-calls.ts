import { createHash } from 'node:crypto';
import { type ApprovalPurpose, approvalChallenge } from '../../rules/session/digest.ts';
import type { Proof } from '../../rules/session/grant.ts';
import type { CallContext, Caller, CallHandlers, CallOutcome } from '../access/caller.ts';
import type { AccessRefusal } from '../access/refusals.ts';
import { refuse } from '../access/refusals.ts';
import type { Asks } from '../ipc/calls.ts';
import type { GrantBook } from './grant-book.ts';
import type { Entry } from './grant-entry.ts';
import { refusalOf } from './grant-refusals.ts';
import type { BrokerParts } from './parts.ts';

/** What people of the plant answer to requests, and how anybody ends a grant. */
export function answerCalls(
  { people }: BrokerParts,
  book: GrantBook,
): CallHandlers<
  'grant-challenge' | 'grant-approve' | 'grant-break-glass' | 'grant-deny' | 'grant-end' | 'grant-end-all'
> {
  const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

  /** Approves, together with others or alone, with a second factor given for this digest. */
  async function approve(
    kind: ApprovalPurpose,
    asks: Asks<'grant-approve'> & { readonly why: string },
    context: CallContext,
  ): Promise<CallOutcome<'grant-approve'>> {
    const admitted = people.caller(context, {
      call: kind === 'approve' ? 'grant-approve' : 'grant-break-glass',
    });
    if (!admitted.ok) return admitted;
    const { caller } = admitted;
    const entry = book.visible(asks.grant, caller);
    if (entry === undefined) return refuse('PST_NOT_HERE');
    const event = (proof: Proof, certificate: string) =>
      ({ kind, by: caller, digest: asks.digest, proof, certificate, why: asks.why }) as const;
    // Nobody's code is used up for what is refused anyway.
    const foreseen = book.keeper.foresee(entry, event(NoProof, ''));
    if (!foreseen.ok) return refusalOf(foreseen);
    const proof = await prove(caller, kind, asks);
    if (!proof.ok) return proof;
    const certificate = await book.certificateForMore(entry);
    const stepped = await book.keeper.take(entry, event(proof.proof, certificate));
    if (!stepped.ok) return refusalOf(stepped);
    await book.openIfReady(entry);
    return { ok: true, body: book.describe(entry) };
  }

  async function prove(
    caller: Caller,
    kind: ApprovalPurpose,
    { digest, second }: Asks<'grant-approve'>,
  ): Promise<
    { readonly ok: true; readonly proof: Proof } | { readonly ok: false; readonly refusal: AccessRefusal }
  > {
    if (second.kind === 'none') return refuse('PST_FACTOR_NEEDED');
    if (second.kind === 'recovery') {
      return refuse('PST_FACTOR_NEEDED', 'A recovery code approves nothing.');
    }
    const proved = await people.proveSecond(caller, second, approvalChallenge(kind, digest, sha256));
    if (!proved.ok) return proved;
    const { means, weak, assertion } = proved;
    // An approval nobody but this box can vouch for is told apart (62443-3-3 SR 2.12).
    return means === 'recovery'
      ? refuse('PST_FACTOR_NEEDED')
      : { ok: true, proof: { means, weak: weak || means !== 'passkey', assertion } };
  }

  function endFor(entry: Entry, caller: Caller, why: string): void {
    const own = caller.name === entry.kept.grant.asked.request.person;
    book.keeper.end(entry, own ? 'vendor-ended' : 'grant-stopped', caller.name, why);
  }

  return {
    'grant-challenge': async (asks, context) => {
      const admitted = people.caller(context, { call: 'grant-challenge' });
      if (!admitted.ok) return admitted;
      const entry = book.visible(asks.grant, admitted.caller);
      if (entry === undefined) return refuse('PST_NOT_HERE');
      const { asked, more } = entry.kept.grant;
      const purpose = asks.purpose ?? 'approve';
      const challenge = approvalChallenge(purpose, (more ?? asked).digest, sha256);
      const made = await people.passkeyChallenge(admitted.caller, challenge);
      return made.ok ? { ok: true, body: { options: made.options } } : made;
    },
    'grant-approve': (asks, context) => approve('approve', { ...asks, why: '' }, context),
    'grant-break-glass': (asks, context) => approve('break-glass', asks, context),

    'grant-deny': async (asks, context) => {
      const admitted = people.caller(context, { call: 'grant-deny' });
      if (!admitted.ok) return admitted;
      const { caller } = admitted;
      const entry = book.visible(asks.grant, caller);
      if (entry === undefined) return refuse('PST_NOT_HERE');
      const stepped = await book.keeper.take(entry, { kind: 'refuse', by: caller.name, why: asks.why });
      return stepped.ok ? { ok: true, body: book.describe(entry) } : refusalOf(stepped);
    },

    'grant-end': async (asks, context) => {
      const admitted = people.caller(context, { call: 'grant-end' });
      if (!admitted.ok) return admitted;
      const entry = book.visible(asks.grant, admitted.caller);
      if (entry === undefined) return refuse('PST_NOT_HERE');
      if (!book.isAlive(entry)) return refuse('PST_NOT_NOW');
      endFor(entry, admitted.caller, asks.why);
      return { ok: true, body: book.describe(entry) };
    },

    'grant-end-all': async (asks, context) => {
      const admitted = people.caller(context, { call: 'grant-end-all' });
      if (!admitted.ok) return admitted;
      // What is approved and only waits would open as soon as the key is turned: that is ended as well.
      const open = book
        .entries()
        .filter(({ kept }) => kept.opening || ['approved', 'open'].includes(kept.grant.phase));
      for (const entry of open) endFor(entry, admitted.caller, asks.why);
      return { ok: true, body: open.map((entry) => book.describe(entry)) };
    },
  };
}

const NoProof: Proof = { means: 'totp', weak: true, assertion: '' };
