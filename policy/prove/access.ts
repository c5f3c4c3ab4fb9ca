import type { Request } from '../../rules/modbus/message/request.ts';
import type { ModbusDevice } from '../../rules/modbus/profile.ts';
import type { ZoneModel } from '../model/zone-model.ts';
import { spansOfEnd } from './ends.ts';
import { onlyFour, type PacketBox, packetBoxes } from './packet-box.ts';
import { type End, kindOf, type Permit, type Permitter, permitsOf } from './permit.ts';
import { indexPieces } from './piece-index.ts';
import { exampleRequest } from './requests/example-request.ts';
import type { RequestBox } from './requests/request-box.ts';
import { requestsOf } from './requests/request-set.ts';
import { joined, least, type Spans, without } from './sets/spans.ts';
import { subtractPieces } from './subtract-pieces.ts';
import { modesOf, whenOf } from './when.ts';

/** Everything a model ever permits. */
export interface Access {
  readonly model: ZoneModel;
  readonly pieces: readonly AccessPiece[];
}

/** Some packets and what may be said in them; a model's pieces may overlap. */
export interface AccessPiece {
  readonly by: Permitter;
  readonly packets: PacketBox;
  readonly requests: Requests;
  /** How the servers among the destinations judge units. */
  readonly kind: ModbusDevice['kind'];
  /** Conditions of time and session by name: none is at all times. */
  readonly when: readonly string[];
  /** Names of the modes in which it passes. */
  readonly modes: readonly string[];
  /** Of a difference: what there was before all the same, under other conditions. */
  readonly doubts: readonly PieceDoubt[];
}

export type Requests =
  /** Not inspected: every Modbus request, and anything else. */
  | 'anything'
  /** Inspected, but in the audit stage: every Modbus request. */
  | 'any-request'
  | readonly RequestBox[];

/** `when` and `mode`: at other times, in other modes. `inspection`, `profile`: it was looked at, or held to a profile. */
export type PieceDoubt = 'when' | 'mode' | 'inspection' | 'profile';

/** One packet of a piece, and a request where what may be said is limited. */
export interface PieceExample {
  /** Points of the line of addresses, see `spansOf` (packet-box.ts). */
  readonly source: bigint;
  readonly destination: bigint;
  readonly port: number;
  readonly request: Request | undefined;
}

/** @param now wall time, milliseconds: what has ended by then counts as gone, all else as permitted */
export function accessOf(model: ZoneModel, now: number): Access {
  return { model, pieces: permitsOf(model, now).flatMap((permit) => piecesOf(model, permit)) };
}

/**
 * What the first permits and the second does not: never less than that. Where a part was left because the second
 * permits it under other conditions only, its `doubts` and those of its request boxes say so. Modes that only one
 * of the two has are not compared.
 */
export function subtractAccess(one: Access, other: Access): readonly AccessPiece[] {
  const { meeting } = indexPieces(other.pieces);
  const modes = new Set(other.model.modes.map(({ name }) => name));
  return one.pieces.flatMap((piece) => subtractPieces(piece, meeting(piece.packets), modes));
}

/** The pieces of one permit: one for each address family and kind of device it leads to. */
export function piecesOf(model: ZoneModel, permit: Permit): readonly AccessPiece[] {
  const { by, protocol, port } = permit;
  const shared = { by, when: whenOf(by), modes: modesOf(model, by), doubts: NoDoubts };
  const from = sourcesOf(permit, permit.sources);
  return [...Map.groupBy(permit.destinations, kindOf)].flatMap(([kind, servers]) => {
    const requests = requestsUnder(permit, kind);
    if (requests.length === 0) return [];
    return packetBoxes(from, destinationsOf(permit, servers), protocol, port).map((packets) => ({
      ...shared,
      packets,
      requests,
      kind,
    }));
  });
}

/** What a permit lets be said to servers of a kind. */
export function requestsUnder({ says }: Permit, kind: ModbusDevice['kind']): Requests {
  return says.kind === 'profile' ? requestsOf(says.profile, kind) : says.kind;
}

/** The addresses of some of a permit's sources, as far as it lets them. */
export function sourcesOf({ fourOnly }: Permit, ends: readonly End[]): Spans<bigint> {
  const spans = joined(ends.flatMap(spansOfEnd));
  return fourOnly ? onlyFour(spans) : spans;
}

/** The addresses of some of a permit's destinations, as far as it leads there. */
export function destinationsOf(permit: Permit, ends: readonly End[]): Spans<bigint> {
  const spans = sourcesOf(permit, ends);
  const { except } = permit;
  return except.length === 0 ? spans : without(spans, onlyFour(joined(except.flatMap(spansOfEnd))));
}

/** A packet of a piece; undefined where no request could be made, which is where its boxes hold less than they say. */
export function witness({ packets, requests }: AccessPiece): PieceExample | undefined {
  const source = least(packets.source);
  const destination = least(packets.destination);
  const port = least(packets.port);
  if (source === undefined || destination === undefined || port === undefined) return undefined;
  if (typeof requests === 'string') return { source, destination, port, request: undefined };
  for (const box of requests) {
    const request = exampleRequest(box);
    if (request !== undefined) return { source, destination, port, request };
  }
  return undefined;
}

const NoDoubts: readonly PieceDoubt[] = [];
