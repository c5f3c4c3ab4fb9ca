import type { Asks } from '../ipc/calls.ts';
import { type Entry, type GrantedTarget, liveChannels } from './grant-entry.ts';

/** What a carrier in the front asks for, with the sign-in its proof belongs to, if any. */
export interface ChannelWish extends Asks<'carrier-open'> {
  readonly signedIn: { readonly account: string } | undefined;
}

export type AdmittedChannel =
  | { readonly ok: true; readonly target: GrantedTarget }
  /** `known`: whoever asks has proved that the grant is theirs, and may be told more than nothing. */
  | { readonly ok: false; readonly known: boolean; readonly why: string };

/**
 * Whether a channel may be opened now: only with the grant's own certificate or by its own person, only over its
 * carrier, only to one of its targets, and only while it is open. What comes early is refused and never waits
 * (62443-3-3 SR 1.13).
 */
export function admitChannel(entry: Entry | undefined, wish: ChannelWish): AdmittedChannel {
  const no = (why: string, known = true): AdmittedChannel => ({ ok: false, known, why });
  if (entry === undefined) return no('no such grant', false);
  const { grant, targets } = entry.kept;
  const { request } = grant.asked;
  if (!isProved(entry, wish)) return no('not proved to be theirs', false);
  if (request.carrier !== wish.carrier) return no('granted over another carrier');
  if (grant.phase !== 'open') return no(`the grant is ${grant.phase}`);
  const target = targets.find(({ id }) => id === wish.target);
  if (target === undefined) return no('the target is not granted');
  if (liveChannels(entry).length >= MostChannels) return no('as many channels as a grant may have');
  return { ok: true, target };
}

function isProved({ kept, formerCertificate }: Entry, { carrier, proof, signedIn }: ChannelWish): boolean {
  const { asked, opened } = kept.grant;
  if (carrier === 'ssh') return signedIn?.account === asked.request.person;
  const certificates = [opened?.certificate ?? '', formerCertificate];
  return carrier === 'tls' && proof !== '' && certificates.includes(proof);
}

/** `198.51.100.7:40312`, `[2001:db8::7]:40312`. */
export function hostAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Connections of one grant at a time: many idle ones must be possible, and none without end (62443-3-3 SR 2.7). */
export const MostChannels = 1_024;
