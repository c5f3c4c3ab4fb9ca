import type { AccessAct } from './access-act.ts';
import type { LifeAct } from './life-act.ts';

/**
 * What the evidence log holds. Times are milliseconds since the Unix epoch; texts that are codes
 * (`reason`, `verdict`) stay plain strings here, because a log outlives the release that wrote it and must
 * be readable by one that knows other codes.
 */
export type EvidenceRecord =
  | ConnectionRecord
  | ConnectionsRecord
  | RefusalRecord
  | DropRecord
  | ActRecord
  | OperationRecord
  | ChunkRecord;

/** One side of a connection; `asset` and `zone` are empty where the address is not in the model. */
export interface Party {
  readonly asset: string;
  readonly zone: string;
  readonly address: string;
  /** 0 where there is none, as with ICMP, or where it was not told apart. */
  readonly port: number;
}

/** What passed between the same two, on one connection or on several. */
export interface Carried {
  readonly conduit: string;
  readonly flow: string;
  readonly client: Party;
  readonly server: Party;
  readonly bytesFromClient: number;
  readonly bytesFromServer: number;
  /** Requests seen from the client, refused ones included. */
  readonly requests: number;
  /** Responses the server gave and the client was handed. */
  readonly responses: number;
  readonly refused: number;
  /** Requests that passed only because of an audit stage. */
  readonly wouldRefuse: number;
  /** Why it ended: a code of `Reasons`, or empty where several ended differently. */
  readonly reason: string;
  readonly policyVersion: number;
}

/** One inspected connection, written when it has ended. */
export interface ConnectionRecord extends Carried {
  readonly kind: 'connection';
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * Inspected connections of one kind, counted together with exact sums: those that ended while each could not be
 * written, and what an inspecting process had carried and not told when it was lost. Ports of clients are 0.
 */
export interface ConnectionsRecord extends Carried {
  readonly kind: 'connections';
  /** When the first of them began and the last ended. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** How many; 0 where it is only what passed further on connections that are on record by themselves. */
  readonly count: number;
  /** Above 0: of this many kinds at least. */
  readonly foldedKinds: number;
}

/** A Modbus request as decoded; a field that the bytes did not give is absent. */
export interface RequestSummary {
  readonly unit: number;
  readonly functionCode: number;
  readonly subFunction?: number;
  readonly address?: number;
  readonly quantity?: number;
  /** Written values, at most {@link MaxSummaryValues}; coils as 0 and 1. */
  readonly values: readonly number[];
  /** The read half of function code 23. */
  readonly readAddress?: number;
  readonly readQuantity?: number;
  /** A file record of function codes 20 and 21: the first that no permission covers, or the first of all. */
  readonly fileNumber?: number;
  readonly recordNumber?: number;
  readonly recordLength?: number;
  /** What the written addresses were last known to hold, as many as are known from the first on. */
  readonly before?: readonly number[];
}

/** Written values a summary keeps; the rest is told by `quantity`. */
export const MaxSummaryValues = 8;

/** The same refusal, once or many times within one interval. `request` is the first of them. */
export interface RefusalRecord {
  readonly kind: 'refusal';
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
  readonly conduit: string;
  readonly flow: string;
  readonly client: Party;
  readonly server: Party;
  /** The connection of the first of them. */
  readonly connection: string;
  /** Absent where no request could be decoded. */
  readonly request?: RequestSummary;
  /** One line for people: `WRITE holding register 140 (40141): 20 → 900, unit 1`. */
  readonly text: string;
  /** The nearest thing that would have been permitted, as a sentence. */
  readonly alternative?: string;
  /** `refuse`, or `would-refuse` under an audit stage. */
  readonly verdict: string;
  /** A code of `Reasons`. */
  readonly reason: string;
  /** Modbus exception code answered; 0 where the request was dropped or the connection cut. */
  readonly exceptionCode: number;
  /** What was done: `exception`, `drop`, `exception-close` or `reset`. */
  readonly action?: string;
  /** Id of the permission that came closest, `scada-setpoints/2`, or empty. */
  readonly permission: string;
  /** Where in the zone model the rule that decided stands. */
  readonly file: string;
  readonly line: number;
  readonly policyVersion: number;
  /** Lowest and highest starting address among the requests counted here. */
  readonly lowestAddress?: number;
  readonly highestAddress?: number;
  /** The first bytes of the first message as they came, and where in its direction's stream they were. */
  readonly message?: Uint8Array;
  readonly messageOffset?: number;
  /** Above 0: this record counts that many further kinds of refusal together. */
  readonly foldedKinds: number;
}

/** Packets the kernel refused, or let pass in an audit stage only, counted together over one interval. */
export interface DropRecord {
  readonly kind: 'drop';
  readonly firstAt: number;
  readonly lastAt: number;
  readonly packets: number;
  readonly reason: string;
  /** Interface the packets came in by. */
  readonly device: string;
  readonly source: Party;
  readonly destination: Party;
  readonly protocol: string;
  readonly foldedKinds: number;
  /** `would-refuse` passed, by the leave of an audit stage; else `refuse`, or empty in older records. */
  readonly verdict: string;
}

/** A Modbus request in a granted session that writes, or that was refused. Never removed to make room. */
export interface OperationRecord {
  readonly kind: 'operation';
  readonly at: number;
  readonly grant: string;
  readonly channel: string;
  readonly target: string;
  readonly person: string;
  readonly request: RequestSummary;
  /** `WRITE holding register 140 (40141) "Cl2 dose": 20 → 25, unit 1`. */
  readonly text: string;
  /** `passed`, `refused`, or `answered` with the exception code of the device. */
  readonly outcome: string;
  /** Why it was refused, or empty. */
  readonly reason: string;
  readonly exceptionCode: number;
  /** Id of the permission that allowed it or came closest. */
  readonly permission: string;
}

/** A piece of a recording: the recording may be deleted later, this stays. */
export interface ChunkRecord {
  readonly kind: 'chunk';
  readonly grant: string;
  readonly channel: string;
  /** From 0 on within the channel. */
  readonly index: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Plain bytes in it, both directions. */
  readonly bytes: number;
  /** SHA-256 of the stored, encrypted chunk, as it lies in the file. */
  readonly digest: Uint8Array;
}

/** Something the gateway did, or that happened to it. Never removed to make room. */
export interface ActRecord {
  readonly kind: 'act';
  readonly at: number;
  readonly act: Act;
}

export type Act =
  | AccessAct
  | LifeAct
  | { readonly kind: 'started'; release: string; site: string; gateway: string; backEnd: string }
  | { readonly kind: 'stopped'; why: string }
  /** It is about to be enforced: for good when `confirmWithin` is 0, else for so many milliseconds unless confirmed. */
  | {
      readonly kind: 'bundleAccepted';
      policyVersion: number;
      digest: Uint8Array;
      by: string;
      confirmWithin: number;
      /** Names of the trusted keys that signed it. */
      signers: readonly string[];
    }
  | { readonly kind: 'bundleConfirmed'; policyVersion: number; digest: Uint8Array; by: string }
  /** Enforcement goes back to the policy `toDigest`; version 0 and no digest where nothing was in force before. */
  | {
      readonly kind: 'bundleRolledBack';
      policyVersion: number;
      digest: Uint8Array;
      toVersion: number;
      toDigest: Uint8Array;
      why: string;
      /** A person, or empty where the gateway did it by itself. */
      by: string;
    }
  | { readonly kind: 'bundleRefused'; code: string; message: string; digest: Uint8Array; by: string }
  /** `records` that should be here and are not, between two moments. */
  | { readonly kind: 'gap'; what: string; from: number; to: number; records: number }
  | { readonly kind: 'processDied'; process: string; pid: number; how: string }
  /** Bytes after the last whole record, left by a sudden stop and cut off. */
  | { readonly kind: 'tornTail'; segment: number; bytes: number }
  /** A bad record with good ones behind it; nothing was cut. */
  | { readonly kind: 'damage'; segment: number; offset: number; problem: string }
  /**
   * A routine segment given up for room or for its age. `hashes` is the compact range of its leaves, so that
   * the log goes on proving what is left; empty where no tree covers them.
   */
  | {
      readonly kind: 'removed';
      segment: number;
      firstSequence: number;
      records: number;
      bytes: number;
      hashes: readonly Uint8Array[];
    }
  /** Another mode is in force: so many flows do not pass in it. */
  | { readonly kind: 'modeSwitched'; from: string; to: string; by: string; why: string; cut: number }
  /** One step of leaving a mode: so many flows of a conduit, or of all that came last, pass again. */
  | {
      readonly kind: 'modeReopened';
      mode: string;
      step: number;
      steps: number;
      what: string;
      flows: number;
      by: string;
      why: string;
    }
  /** An act of an exercise or an incident; `digest` is the SHA-256 of its whole record, at the end only. */
  | {
      readonly kind: 'rehearsed';
      id: string;
      occasion: string;
      what: string;
      dry: boolean;
      mode: string;
      text: string;
      participants: readonly string[];
      by: string;
      digest: Uint8Array;
    }
  /**
   * The log goes on under a new origin, after a restored backup, damage or with another key; the former one's last
   * checkpoint. `handover` is the word of both keys that the one follows the other, or empty.
   */
  | { readonly kind: 'originStarted'; origin: string; why: string; former: string; handover: string }
  /** A witness has cosigned so many records. */
  | { readonly kind: 'witnessed'; origin: string; size: number; witness: string }
  | { readonly kind: 'evidenceQuota'; percent: number; bytes: number; maxBytes: number }
  | { readonly kind: 'alarmChanged'; code: string; sentence: string; raised: boolean }
  /** Somebody changed the kernel's table behind the gateway's back: the first difference, and how many. */
  | { readonly kind: 'tableChanged'; first: string; differences: number; putBack: boolean };

/**
 * Whether a record may be given up for room. Acts are the spine of the evidence and stay; what the plant
 * does all day is routine.
 */
export function isRoutine(record: EvidenceRecord): boolean {
  return RoutineKinds.has(record.kind);
}

const RoutineKinds: ReadonlySet<string> = new Set(['connection', 'connections', 'refusal', 'drop']);
