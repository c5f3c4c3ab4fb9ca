import { type CallOptions, callAtConsole, printAnswer } from '../console-call.ts';
import { ExitStatus, UsageError } from '../output.ts';
import { describeGrant, describeGrants, describeSessions } from './grants-text.ts';

/** `penstock sessions`: who is inside now. @returns 0 when it could be told, whoever is inside */
export async function sessions(options: CallOptions): Promise<number> {
  const answer = await callAtConsole('grants', {}, options);
  if (!answer.ok) return printAnswer(answer, options, () => '');
  const open = answer.body.filter(({ state }) => state === 'open');
  return printAnswer({ ok: true, body: open }, options, describeSessions);
}

/** `penstock grants [ID]`: what was asked for, what is open, what has ended; or one of them with all there is to it. */
export async function grants(id: string | undefined, options: CallOptions): Promise<number> {
  return id === undefined
    ? printAnswer(await callAtConsole('grants', {}, options), options, describeGrants)
    : printAnswer(await callAtConsole('grant', { grant: named(id) }, options), options, describeGrant);
}

/**
 * `penstock kill ID|all`: ends a vendor's session, or every one, at once. What is ended does not come back.
 * @returns 0 when it was ended, 1 when there was nothing to end
 */
export async function kill(id: string, options: CallOptions & { readonly reason?: string }): Promise<number> {
  const why = options.reason ?? '';
  if (id !== 'all') {
    const answer = await callAtConsole('grant-end', { grant: named(id), why }, options);
    return printAnswer(answer, options, describeGrant);
  }
  const answer = await callAtConsole('grant-end-all', { why }, options);
  const status = printAnswer(answer, options, (ended) =>
    ended.length === 0 ? 'Nobody was inside.' : describeGrants(ended),
  );
  return answer.ok && answer.body.length === 0 ? ExitStatus.refused : status;
}

/** @throws UsageError */
export function named(id: string): string {
  const name = id.toUpperCase();
  if (/^G-[A-Z0-9]{4,16}$/.test(name)) return name;
  throw new UsageError(`“${id}” is no grant.`, 'They are named as G-7F3K92QDXM; penstock grants lists them.');
}
