import { preAuthenticationEncoding } from '../../rules/bundle/envelope.ts';
import { Reasons } from '../../rules/reason.ts';
import { shortCode } from '../../rules/session/digest.ts';
import { changesOf } from './changes.ts';
import type { KeptGrant } from './grant-entry.ts';
import { totalsOf } from './grant-entry.ts';

/** Payload type of a receipt; it is signed too, so that no other document passes for one. */
export const ReceiptType = 'application/vnd.penstock.receipt+json';

/** What is signed of a receipt: its DSSE encoding. */
export function receiptMessage(text: string): Uint8Array {
  return preAuthenticationEncoding(ReceiptType, Buffer.from(text));
}

/** Whether a receipt bears a good signature; `isSigned` knows the key. */
export function verifyReceipt(
  { text, signature }: { readonly text: string; readonly signature: string },
  isSigned: (message: Uint8Array, signature: Uint8Array) => boolean,
): boolean {
  return isSigned(receiptMessage(text), Buffer.from(signature, 'base64'));
}

export interface ReceiptFrame {
  /** The checkpoint that covers the end of the grant, as text; empty where none could be had. */
  readonly checkpoint: string;
  readonly origin: string;
  readonly publicKey: string;
}

/**
 * What both sides take away from a session: who asked, who approved and how, what was done and what was refused, why
 * it ended, and where the log proves all of it. JSON with the same keys in the same order each time.
 */
export function receiptText(kept: KeptGrant, { checkpoint, origin, publicKey }: ReceiptFrame): string {
  const { grant, approvals, channels, operations } = kept;
  const { request, digest } = grant.asked;
  const { opened, ended } = grant;
  const cause = ended?.cause ?? '';
  return JSON.stringify(
    {
      receipt: 1,
      site: request.site,
      gateway: request.gateway,
      grant: request.grant,
      digest,
      code: shortCode(digest),
      vendor: { id: request.vendor, company: kept.company },
      person: { account: request.person, name: kept.fullName },
      asked: {
        at: time(request.askedAt),
        by: request.by,
        reason: request.reason,
        ticket: request.ticket,
        minutes: request.length / 60_000,
      },
      targets: kept.targets.map(({ id, asset, zone, port, profile, pinhole }) => ({
        ...{ id, asset, zone, port },
        held: profile === '' ? 'recorded as it is, not inspected' : `Modbus profile ${profile}`,
        pinhole,
      })),
      carrier: request.carrier,
      identity: grant.weak ? 'weak: known by the source address alone' : 'certificate or second factor',
      approvals: approvals.map((one) => ({
        at: time(one.at),
        by: one.by,
        duty: one.role,
        means: one.means,
        strength: one.weak ? 'weak: the box alone vouches for it' : 'signed by the passkey',
        recentlyReset: one.recentlyReset,
        ...(one.extension === 0 ? {} : { moreMinutes: one.extension / 60_000 }),
        ...(one.why === '' ? {} : { breakGlass: one.why }),
        digest: one.digest,
      })),
      opened: opened === undefined ? '' : time(opened.at.wall),
      certificate: opened?.certificate ?? '',
      extensions: kept.extensions.map(({ at, by, until }) => ({ at: time(at), by, until: time(until) })),
      closed: ended === undefined ? '' : time(ended.at.wall),
      cause,
      sentence: cause === '' ? '' : Reasons[cause].sentence,
      closedBy: ended?.by ?? '',
      why: ended?.why ?? '',
      policy: { version: request.policyVersion, digest: request.policyDigest },
      totals: totalsOf(kept),
      channels: channels.map((one) => ({
        id: one.id,
        target: one.target,
        source: one.source,
        opened: time(one.since),
        closed: time(one.endedAt),
        cause: one.cause,
        bytesFromClient: one.bytesFromClient,
        bytesFromServer: one.bytesFromServer,
        recordedChunks: one.chunks,
      })),
      channelsLeftOut: kept.earlier.channels,
      changes: changesOf(operations),
      writes: operations.filter(({ outcome }) => outcome !== 'refused').map(told),
      refused: operations.filter(({ outcome }) => outcome === 'refused').map(told),
      leftOut: kept.operationsLeftOut,
      requirements: requirementsOf(kept),
      log: { origin, publicKey, checkpoint },
    },
    undefined,
    2,
  );
}

function told({ at, target, channel, text, outcome, reason }: KeptGrant['operations'][number]) {
  return { at: time(at), target, channel, text, outcome, reason };
}

/** Of IEC 62443-3-3, what this session is evidence for. */
function requirementsOf({ grant, approvals }: KeptGrant): readonly string[] {
  const cause = grant.ended?.cause;
  return [
    ...new Set([
      ...['SR 1.13', 'SR 1.13 RE1', 'SR 2.6', 'SR 2.8'],
      ...(approvals.some(({ weak }) => !weak) ? ['SR 2.12'] : []),
      ...(grant.duties.length > 1 ? ['SR 2.1 RE4'] : []),
      ...(approvals.some(({ means }) => means === 'break-glass') ? ['SR 2.1 RE3'] : []),
      ...(cause === undefined || cause === '' ? [] : [`SR ${Reasons[cause].sr}`]),
    ]),
  ].sort();
}

function time(at: number): string {
  return at === 0 ? '' : new Date(at).toISOString();
}
