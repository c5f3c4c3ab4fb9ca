import type { Request } from '../../../rules/modbus/message/request.ts';
import type { ModbusDevice } from '../../../rules/modbus/profile.ts';
import type { Asset, Permission, Profile, Protocol } from '../../model/zone-model.ts';
import { spansOfEnd } from '../ends.ts';
import { addressText } from '../packet-box.ts';
import type { End, Permit, Permitter } from '../permit.ts';
import { confirms } from '../requests/confirm.ts';
import { exampleRequest } from '../requests/example-request.ts';
import type { RequestBox } from '../requests/request-box.ts';
import { least, meet, type Spans } from '../sets/spans.ts';

/** Something that passes although a statement says that it must not, or what comes nearest to it. */
export interface CounterExample {
  readonly by: Permitter;
  /** The permission of the profile that lets the request through, where it is held to one. */
  readonly permission: Permission | undefined;
  readonly client: Party;
  readonly server: Party;
  readonly protocol: Protocol;
  /** 0 for `icmp-echo`. */
  readonly port: number;
  /** What is said; undefined where anything may be. */
  readonly request: Request | undefined;
  /**
   * Whether it was asked of the decision itself and passes. Without that, it is only why the statement could not be
   * proved, and `reason` says what stands in the way.
   */
  readonly isConfirmed: boolean;
  readonly reason: string;
}

/** An address, and the name of the asset or zone it is of. */
export interface Party {
  readonly name: string;
  readonly address: string;
  readonly kind: End['kind'];
}

/** Ends of a permit as far as a statement is about them, and the addresses meant. */
export interface Side {
  readonly end: End;
  readonly addresses: Spans<bigint>;
}

/** One that needs no request: the packet is enough. */
export function packetExample(
  permit: Permit,
  client: Party,
  server: Party,
  request: Request | undefined,
): CounterExample {
  const port = least(permit.port) ?? 0;
  const { by, protocol } = permit;
  return {
    by,
    permission: undefined,
    client,
    server,
    protocol,
    port,
    request,
    isConfirmed: true,
    reason: '',
  };
}

/**
 * The first request of some boxes that the decision really permits; else the first there is, with the reason why
 * none could be confirmed.
 */
export function requestExample(
  permit: Permit,
  client: Party,
  server: Party,
  boxes: readonly RequestBox[],
  profile: Profile,
  kind: ModbusDevice['kind'],
): CounterExample {
  const base = packetExample(permit, client, server, undefined);
  let nearest: CounterExample = { ...base, isConfirmed: false, reason: doubtText(boxes[0]) };
  for (const box of boxes) {
    const request = exampleRequest(box);
    const { permission } = box;
    const isConfirmed = request !== undefined && box.doubts.length === 0 && confirms(profile, request, kind);
    if (isConfirmed) return { ...base, permission, request };
    if (nearest.request === undefined) nearest = { ...nearest, permission, request, reason: doubtText(box) };
  }
  return nearest;
}

/** The first address of some ends that an asset has, else the first there is. */
export function partyOf(sides: readonly Side[], assets: ZoneAssets): Party {
  for (const { end, addresses } of sides) {
    if (end.kind !== 'asset') continue;
    const first = least(addresses);
    if (first !== undefined) return { name: end.asset.name, address: addressText(first), kind: 'asset' };
  }
  for (const { end, addresses } of sides) {
    if (end.kind === 'asset') continue;
    const member = end.kind === 'zone' ? memberIn(assets(end.zone.id), addresses) : undefined;
    if (member !== undefined) return member;
    const first = least(addresses);
    const name = end.kind === 'zone' ? end.zone.id : end.gateway.name;
    if (first !== undefined) return { name, address: addressText(first), kind: end.kind };
  }
  return { name: '', address: '', kind: 'zone' };
}

/** The assets of a zone by its id. */
export type ZoneAssets = (zone: string) => readonly Asset[];

function memberIn(assets: readonly Asset[], addresses: Spans<bigint>): Party | undefined {
  for (const asset of assets) {
    const own = least(meet(spansOfEnd({ kind: 'asset', asset, at: asset.at }), addresses));
    if (own !== undefined) return { name: asset.name, address: addressText(own), kind: 'asset' };
  }
  return undefined;
}

function doubtText(box: RequestBox | undefined): string {
  const [doubt] = box?.doubts ?? [];
  if (doubt === 'unseen') {
    return `function code ${box?.functionCode} carries what the gateway does not see, so it may do anything`;
  }
  if (doubt === 'alias') return 'what a coil leaves in its register depends on the other bits of it';
  if (box?.terms.some((term) => term.startsWith('alias')) === true) {
    return 'which coils pass depends on a rule for the register they are bits of';
  }
  return 'what its value rules permit is known here only as more than it is';
}
