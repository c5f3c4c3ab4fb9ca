import type {
  CoilAlias,
  ModbusDevice,
  ModbusLimits,
  ModbusPermission,
  RefusalRule,
  SerialLine,
  Tolerance,
} from '../../rules/modbus/profile.ts';
import type { FlowLimits, PortRange, Schedule } from '../../rules/policy.ts';
import type { Place } from '../finding.ts';
import type { Mode, VendorAccess } from './access.ts';
import type { Characteristics, Consequences, NonIpPath, PatchDeferral } from './characteristics.ts';
import type { Invariant, PolicyTest, Waiver } from './claims.ts';
import type { Pair } from './pair.ts';
import type { Period } from './period.ts';
import type { Preset } from './presets.ts';

/**
 * The zone model with every name resolved: what lint and compile read. References point from the part
 * to the whole (asset → zone, flow → conduit), lists are in the order of the file, instants and
 * durations are milliseconds. `at` is where the person wrote it.
 */
export interface ZoneModel {
  /** As given to the reader; the `file` of every finding. */
  readonly file: string;
  readonly metadata: Metadata;
  readonly gateways: readonly Gateway[];
  readonly zones: readonly Zone[];
  readonly assets: readonly Asset[];
  readonly profiles: readonly Profile[];
  readonly conduits: readonly Conduit[];
  readonly flows: readonly Flow[];
  readonly essentialFlows: readonly FlowRef[];
  readonly bundle: BundleTerms;
  readonly vendors: readonly VendorAccess[];
  /** Declared ways in or out that no packet filter sees. */
  readonly nonIpPaths: readonly NonIpPath[];
  /** Always holds `normal`. */
  readonly modes: readonly Mode[];
  readonly tests: readonly PolicyTest[];
  readonly invariants: readonly Invariant[];
  readonly waivers: readonly Waiver[];
}

export interface Metadata {
  readonly at: Place;
  readonly site: string;
  /** System under consideration, 62443-3-2 ZCR 1.1. */
  readonly systemUnderConsideration: string;
  /** Accountable for the site; conduits and flows inherit it. */
  readonly owner: string;
  readonly approvedBy: { readonly name: string; readonly date: number; readonly ref: string } | undefined;
  readonly riskAssessment: RiskAssessment | undefined;
  readonly reviewed: number | undefined;
  readonly reviewEvery: Period | undefined;
  /** In which everything that ever happens has happened once. */
  readonly businessCycle: Period | undefined;
  readonly regulations: readonly string[];
  /** Rises with every release. */
  readonly policyVersion: number;
}

export interface RiskAssessment {
  readonly at: Place;
  readonly ref: string;
  readonly method: string;
  readonly tolerable: string;
  readonly date: number | undefined;
}

export interface BundleTerms {
  readonly at: Place;
  /** How long a bundle is good from the moment it is compiled. */
  readonly validFor: Period;
}

/** One box. */
export interface Gateway {
  readonly at: Place;
  readonly name: string;
  readonly interfaces: readonly Interface[];
  readonly services: readonly Service[];
  readonly egress: readonly Egress[];
  /** What a client whose connection is refused is told. */
  readonly denyAction: { readonly tcp: 'reset' | 'drop'; readonly udp: 'drop' | 'reject' };
  /** Undefined for a box that stands alone. */
  readonly pair: Pair | undefined;
}

/** One leg of a box: a whole device, a VLAN on one, or a source range on a shared wire. */
export interface Interface {
  readonly at: Place;
  /** As the author named it; the device itself for whole devices and VLANs. */
  readonly name: string;
  /** Kernel device the packets are seen on. */
  readonly device: string;
  readonly zone: Zone;
  /** The box's own address with prefix length, or empty. */
  readonly address: string;
  /** Address that the boxes of a pair share on this wire, or empty. */
  readonly shared: string;
  /** Source prefixes that are this zone on a shared wire; empty means the whole device. */
  readonly sources: readonly string[];
  /** 0 and empty when this is no VLAN. */
  readonly vlan: number;
  readonly lowerDevice: string;
  readonly attach: 'routed' | 'inline';
}

/** Who may reach the box itself. */
export interface Service {
  readonly at: Place;
  readonly name: string;
  readonly from: readonly EndpointRef[];
  readonly protocol: Protocol;
  readonly ports: readonly PortRange[];
}

/** Where the box itself may go. */
export interface Egress {
  readonly at: Place;
  readonly name: string;
  readonly to: readonly EndpointRef[];
  readonly protocol: Protocol;
  readonly ports: readonly PortRange[];
}

export type Protocol = 'tcp' | 'udp' | 'icmp-echo';

/** Purpose of a zone; 62443-3-2 ZCR 3.2 to 3.6 keep these apart. */
export type ZoneKind = 'enterprise' | 'dmz' | 'control' | 'safety' | 'external';

export interface Zone {
  readonly at: Place;
  readonly id: string;
  readonly name: string;
  readonly kind: ZoneKind;
  /** As declared; empty where the zone is exactly its assets. */
  readonly networks: readonly Network[];
  /** Every address of the zone in canonical prefixes: its networks, else its assets. */
  readonly prefixes: readonly string[];
  readonly slT: SecurityLevel;
  /** Accountable organisation, 62443-3-2 ZCR 6.4 b; its own, else the site's. */
  readonly owner: string;
  /** Why the boundary runs where it does. */
  readonly boundary: string;
  /** Its devices are reached by radio (ZCR 3.5), or are connected for a while only (ZCR 3.4). */
  readonly wireless: boolean;
  readonly transient: boolean;
  readonly consequences: Consequences;
  readonly characteristics: Characteristics;
}

/** A prefix in canonical text, e.g. `10.20.0.0/24`. */
export interface Network {
  readonly at: Place;
  readonly prefix: string;
}

/** SL-T or SL-C: 0 to 4, and per foundational requirement where given. */
export interface SecurityLevel {
  readonly at: Place;
  readonly level: number;
  readonly vector: Readonly<Partial<Record<FoundationalRequirement, number>>>;
  readonly rationale: string;
  readonly ref: string;
  /** Who looked the level over, from security and from the process; empty where nobody is named. */
  readonly reviewedBy: { readonly security: string; readonly process: string };
}

export const FoundationalRequirements = ['IAC', 'UC', 'SI', 'DC', 'RDF', 'TRE', 'RA'] as const;
export type FoundationalRequirement = (typeof FoundationalRequirements)[number];

export type Criticality = 'low' | 'medium' | 'high' | 'critical';

export interface Asset {
  readonly at: Place;
  readonly name: string;
  readonly zone: Zone;
  /** Canonical text without prefix length; empty for an asset without a network address. */
  readonly addresses: readonly string[];
  /** Lower case with colons, or empty. */
  readonly mac: string;
  readonly type: string;
  readonly criticality: Criticality;
  readonly firmware: string;
  readonly patchable: boolean;
  readonly compensating: string;
  readonly transient: boolean;
  readonly wireless: boolean;
  /** Other zones it has a leg in: a bridge past every conduit. */
  readonly alsoIn: readonly Zone[];
  /** SL it needs by its own risk; undefined where nobody said. */
  readonly slNeeded: number | undefined;
  readonly deferral: PatchDeferral | undefined;
  /** Taken out of use; its flows should go. */
  readonly decommissioned: number | undefined;
  /** Part of a safety instrumented function. */
  readonly sif: boolean;
  readonly slC: SecurityLevel | undefined;
  readonly modbus: Omit<ModbusDevice, 'line'> & {
    readonly line: (SerialLine & { readonly at: Place }) | undefined;
  };
}

/** A Modbus profile with everything it extends already in it; inherited permissions come first. */
export interface Profile {
  readonly at: Place;
  readonly name: string;
  readonly extends: string;
  readonly permissions: readonly Permission[];
  readonly aliases: readonly (CoilAlias & { readonly at: Place })[];
  readonly limits: ModbusLimits;
  /** The limits it or what it extends states, with their places; the others have their default. */
  readonly stated: Readonly<Partial<Record<keyof ModbusLimits, Place>>>;
  readonly refusal: RefusalRule;
  /** Made from a preset that a flow names, for one kind of device; no line of the model lists it. */
  readonly preset: Preset | undefined;
}

/** Fields mean what they mean in the compiled policy; an inherited one keeps the id of its own profile. */
export type Permission = Omit<ModbusPermission, 'line'> & { readonly at: Place };

export interface Conduit {
  readonly at: Place;
  readonly id: string;
  readonly name: string;
  readonly from: Zone;
  readonly to: Zone;
  readonly slT: SecurityLevel;
  readonly oneWay: boolean;
  readonly purpose: string;
  readonly owner: string;
  readonly temporary: Temporary | undefined;
  readonly schedule: (Schedule & { readonly at: Place }) | undefined;
  readonly tolerances: readonly Tolerance[];
  /** Where `tolerate` stands, else the conduit. */
  readonly tolerancesAt: Place;
  /** What its inspected flows have that say nothing of their own. */
  readonly audit: Audit | undefined;
  /** How its traffic is watched, 62443-3-2 ZCR 6.4 and 3-3 SR 6.2; empty where nobody said. */
  readonly monitoring: string;
  readonly characteristics: Characteristics;
}

export interface Temporary {
  readonly at: Place;
  readonly opened: number;
  readonly expires: number;
  readonly approver: string;
  /** How often its end was put off. */
  readonly renewed: number;
}

export interface Flow {
  readonly at: Place;
  /** `C-05/F-01`, unique in the model. */
  readonly id: string;
  readonly conduit: Conduit;
  readonly sources: readonly EndpointRef[];
  readonly destinations: readonly EndpointRef[];
  readonly protocol: Protocol;
  /** Empty for `icmp-echo` only. */
  readonly ports: readonly PortRange[];
  /** Set on inspected flows. */
  readonly profile: Profile | undefined;
  readonly requiresSession: boolean;
  readonly audit: Audit | undefined;
  readonly essential: boolean;
  /** Undefined where none is stated, on the flow or its conduit. */
  readonly limits: FlowLimits | undefined;
  /** Its own, else the conduit's, else the site's. */
  readonly owner: string;
  readonly ticket: string;
}

/** `stage: audit`: until then the Modbus profile reports instead of refusing. */
export interface Audit {
  readonly at: Place;
  readonly until: number;
  /** Framed ADUs that break a rule of the protocol pass as well. */
  readonly malformed: boolean;
  /**
   * On a conduit: what no flow declares passes too, and is reported, towards destinations that no inspected
   * flow leads to. Never set on a flow.
   */
  readonly undeclared: boolean;
}

/** One named end of a flow: an asset, or a whole zone. */
export type EndpointRef =
  | { readonly kind: 'asset'; readonly asset: Asset; readonly at: Place }
  | { readonly kind: 'zone'; readonly zone: Zone; readonly at: Place };

export interface FlowRef {
  readonly flow: Flow;
  readonly at: Place;
}
