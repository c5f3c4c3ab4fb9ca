import type { Schedule } from '../../rules/policy.ts';
import type { Place } from '../finding.ts';
import type { Asset, Flow, FlowRef, Profile, Zone } from './zone-model.ts';

/** Who may come in from outside, approved by whom, for how long. */
export interface VendorAccess {
  readonly at: Place;
  readonly id: string;
  readonly company: string;
  readonly external: boolean;
  readonly people: readonly { readonly id: string; readonly mfa: 'required' | 'off'; readonly at: Place }[];
  readonly entry: { readonly zone: Zone; readonly asset: Asset | undefined; readonly at: Place };
  readonly opens: readonly FlowRef[];
  readonly targets: readonly VendorTarget[];
  readonly approval: { readonly role: string; readonly second: string } | undefined;
  readonly limits: VendorLimits;
  readonly contractEnds: number | undefined;
  /** Where the contract lays down the supplier's duties (62443-2-4); empty where nobody said. */
  readonly supplierDuties: string;
  readonly record: readonly ('session' | 'bytes' | 'modbus')[];
}

export interface VendorTarget {
  readonly at: Place;
  readonly asset: Asset;
  readonly port: number;
  readonly profile: Profile | undefined;
}

/** Durations in milliseconds; 0 means no limit was given. */
export interface VendorLimits {
  readonly maxDuration: number;
  readonly idle: number;
  readonly concurrent: number;
  readonly window: Schedule | undefined;
}

/** `normal`, `island`, `lockdown`, or one of the site's own. */
export type ModeName = string;

/** What stays open in an operating mode; everything else is cut. */
export interface Mode {
  readonly at: Place;
  readonly name: ModeName;
  /** `normal` without a list keeps every flow. */
  readonly keepsAll: boolean;
  /** What it is for, and who may decide on it; empty where nobody said. */
  readonly purpose: string;
  readonly authority: string;
  readonly keep: readonly Flow[];
  /** Reopening order after the mode ends, 62443-3-3 SR 7.4. */
  readonly recover: readonly Flow[];
  readonly profiles: readonly { readonly flow: Flow; readonly profile: Profile; readonly at: Place }[];
}
