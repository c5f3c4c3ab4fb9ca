import type { ModbusDevice, ModbusProfile, Tolerance } from './modbus/profile.ts';
import type { PolicyTestRule } from './policy-test.ts';

/**
 * The compiled policy: what one gateway enforces. This is the payload of a bundle as typed data; both
 * back ends, explain, replay and the policy tests read it and nothing else. Times are milliseconds since
 * the Unix epoch, durations milliseconds, Modbus addresses 0-based as on the wire.
 */
export interface Policy {
  /** Version of the payload's own form; a gateway accepts exactly {@link PolicyFormat}. */
  readonly format: number;
  readonly site: string;
  /** The box this policy is for; a box refuses every other. */
  readonly gateway: string;
  /** Rises with every release of the site's policy; never accepted downwards. */
  readonly version: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Oldest gateway release that understands every limit in here, as `major.minor.patch`. */
  readonly minGateway: string;
  /** Name and release of the compiler. */
  readonly compiler: string;
  /** SHA-256 of the zone model text this was compiled from. */
  readonly modelDigest: Uint8Array;
  readonly zones: readonly ZoneRule[];
  readonly interfaces: readonly BoxInterface[];
  readonly assets: readonly AssetRule[];
  readonly conduits: readonly ConduitRule[];
  readonly flows: readonly FlowRule[];
  readonly profiles: readonly ModbusProfile[];
  readonly services: readonly BoxService[];
  readonly egress: readonly BoxEgress[];
  readonly modes: readonly ModeRule[];
  readonly vendors: readonly VendorRule[];
  readonly tests: readonly PolicyTestRule[];
  /** The static nftables ruleset as libnftables JSON, canonical text; times are added by the engine. */
  readonly nft: string;
}

/** The payload form this release writes and reads. */
export const PolicyFormat = 4;

/** The Modbus inspectors share the servers out by this many fixed shards; shard = chain and local port. */
export const InspectorShards = 4;

/** Local TCP port of shard 0 in the kernel back end; shard n listens on this plus n. */
export const InspectorPort = 15502;

export interface ZoneRule {
  readonly name: string;
  readonly kind: string;
  /** SL-T, 0 to 4. */
  readonly slT: number;
}

/** One leg of the box. Several zones may share one device when each has a source range. */
export interface BoxInterface {
  /** Kernel device name, e.g. `proc0` or `eth1.20`. */
  readonly device: string;
  readonly zone: string;
  /** The box's own address with prefix length, or empty where it has none here. */
  readonly address: string;
  /** Source prefixes that are this zone when several share the device; empty means the whole device. */
  readonly sources: readonly string[];
  /** VLAN identifier and its lower device where the leg is a VLAN; 0 and empty otherwise. */
  readonly vlan: number;
  readonly lowerDevice: string;
  /** `inline`: the zone's assets keep their addresses; reached by host routes and proxy-ARP. */
  readonly attach: 'routed' | 'inline';
}

export interface AssetRule {
  readonly name: string;
  readonly zone: string;
  readonly addresses: readonly string[];
  /** Link-layer address the asset must be seen with, lower case, or empty. */
  readonly mac: string;
  readonly modbus: ModbusDevice;
}

export interface ConduitRule {
  readonly id: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly slT: number;
  /** UDP only; nothing may run against it, not even replies. */
  readonly oneWay: boolean;
  /** What devices behind this conduit are known to do against the specification, and may. */
  readonly tolerances: readonly Tolerance[];
  /**
   * Until then, what no flow declares passes as `would-refuse` towards destinations outside safety zones that no
   * inspected flow leads to; 0 is never.
   */
  readonly undeclaredUntil: number;
  readonly source: SourceRef;
}

/** One permission of a conduit. Default deny: what no flow permits does not pass. */
export interface FlowRule {
  /** 1 to 2^24-1, unique in the policy; what the kernel knows a gated flow by. */
  readonly number: number;
  /** `C-05/F-01`. */
  readonly id: string;
  readonly conduit: string;
  readonly sources: readonly Endpoint[];
  readonly destinations: readonly Endpoint[];
  readonly protocol: 'tcp' | 'udp' | 'icmp-echo';
  /** Empty for `icmp-echo` only. */
  readonly ports: readonly PortRange[];
  /** Name of the Modbus profile; empty where the flow is not inspected. */
  readonly profile: string;
  readonly oneWay: boolean;
  /** Named in `essential_flows`: kept running under the last good policy, whatever else fails. */
  readonly essential: boolean;
  readonly gate: Gate | undefined;
  /** `stage: audit`: until then, what the Modbus profile refuses passes as `would-refuse`; 0 is never. */
  readonly auditUntil: number;
  /** In the audit stage, well-framed ADUs that break a rule of the protocol pass as well, as opaque bytes. */
  readonly auditMalformed: boolean;
  readonly limits: FlowLimits | undefined;
  readonly source: SourceRef;
}

/** What a flow may carry; 0 means no limit (62443-3-3 SR 7.1 RE1). What is above it is dropped and counted. */
export interface FlowLimits {
  /** Packets of clients, all of them together, each second. */
  readonly packetsPerSecond: number;
  /** New connections each second, all clients together, and from one source address. */
  readonly newPerSecond: number;
  readonly newPerSecondPerSource: number;
  /** Connections open at one time from one source address. */
  readonly connectionsPerSource: number;
}

/** When a flow that is not always open is open. All stated conditions must hold. */
export interface Gate {
  /** 0 means no earliest time. */
  readonly opensAt: number;
  /** 0 means no end. */
  readonly closesAt: number;
  readonly schedule: Schedule | undefined;
  /** Opens only with a granted vendor session. */
  readonly session: boolean;
}

/** Weekly hours in a named time zone, daylight saving included. */
export interface Schedule {
  /** 1 (Monday) to 7 (Sunday). */
  readonly days: readonly number[];
  /** Minutes after local midnight, 0 to 1440; `to` is exclusive and larger than `from`. */
  readonly from: number;
  readonly to: number;
  /** IANA name, e.g. `Europe/Stockholm`. */
  readonly timeZone: string;
}

/** One side of a flow: an asset, or a whole zone when `asset` is empty. */
export interface Endpoint {
  readonly asset: string;
  readonly zone: string;
  /** Prefixes in canonical text, e.g. `10.20.0.10/32`; never empty. */
  readonly prefixes: readonly string[];
}

/** Inclusive; 1 to 65535. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Where in the model a rule comes from, for every record, finding and explanation. */
export interface SourceRef {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly owner: string;
  readonly ticket: string;
  /** IEC 62443-3-3 requirements the rule supports, e.g. `5.2 RE1`. */
  readonly sr: readonly string[];
}

/** Who may reach the box itself, and on which ports. */
export interface BoxService {
  readonly name: string;
  readonly sources: readonly Endpoint[];
  readonly protocol: 'tcp' | 'udp' | 'icmp-echo';
  readonly ports: readonly PortRange[];
}

/** Where the box itself may go. */
export interface BoxEgress {
  readonly name: string;
  readonly destinations: readonly Endpoint[];
  readonly protocol: 'tcp' | 'udp' | 'icmp-echo';
  readonly ports: readonly PortRange[];
}

export interface ModeRule {
  readonly name: string;
  /** Ids of flows that stay; `normal` keeps every flow and leaves this empty. */
  readonly keep: readonly string[];
  readonly keepsAll: boolean;
  /** Ids of flows in the order they are opened again when the mode ends; what is not named comes last, at once. */
  readonly recover: readonly string[];
  /** Flow id and the profile that replaces its own while the mode lasts. */
  readonly profiles: readonly { readonly flow: string; readonly profile: string }[];
}

/**
 * Who may be let in from outside, to what, approved by whom (62443-3-3 SR 1.13 RE1). It permits nothing by
 * itself: a grant does, which lives on the box and not in here.
 */
export interface VendorRule {
  readonly id: string;
  readonly company: string;
  /** Names of the accounts that may ask. */
  readonly people: readonly VendorPerson[];
  /** Where the clients of its carriers come from. */
  readonly entry: Endpoint;
  /** Ids of flows whose gate its grants open, to everybody behind the flow's sources: a weak proof of who it is. */
  readonly opens: readonly string[];
  /**
   * What its carriers lead to, each a flow of its own that the box dials itself: one destination, one TCP port, a
   * session gate with the vendor's window and the end of its contract, and the Modbus profile of the grant, or
   * none. `conduit` is the vendor's id; the id is `vendor/asset.port`.
   */
  readonly targets: readonly FlowRule[];
  readonly approval: VendorApproval;
  readonly limits: VendorLimits;
  /** What of a session is recorded: the bytes both ways, the Modbus requests in words; that it was, always. */
  readonly record: readonly ('bytes' | 'modbus')[];
  readonly source: SourceRef;
}

export interface VendorPerson {
  /** An account of the box that has this name may ask. */
  readonly id: string;
  /** False only where the model says so: a second factor is then not asked for at sign-in. */
  readonly mfa: boolean;
}

/**
 * Names of the duties (`duties` of an account) that approve. `role` is empty where the model names none: anybody
 * whose account may approve does then. `second` is empty where one person is enough.
 */
export interface VendorApproval {
  readonly role: string;
  readonly second: string;
}

/** Milliseconds; 0 means no limit. */
export interface VendorLimits {
  readonly maxDuration: number;
  /** Without a byte of payload in either direction. */
  readonly idle: number;
  /** Grants open at the same time. */
  readonly concurrent: number;
}
