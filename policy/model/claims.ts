import type { AddressRange } from '../../rules/modbus/profile.ts';
import type { PortRange } from '../../rules/policy.ts';
import type { AskedRequest, PolicyTestRule } from '../../rules/policy-test.ts';
import type { Reason } from '../../rules/reason.ts';
import type { Place } from '../finding.ts';
import type { ModeName, VendorAccess } from './access.ts';
import type { Asset, EndpointRef, Flow, Protocol, Zone } from './zone-model.ts';

/** Something the site says must or must not pass; evaluated against the compiled policy. */
export interface PolicyTest {
  readonly at: Place;
  readonly name: string;
  readonly from: Asset;
  readonly to: Asset;
  readonly protocol: Protocol;
  readonly port: number;
  readonly modbus: AskedRequest | undefined;
  readonly given: TestCircumstances;
  readonly expect: 'allow' | 'deny';
  readonly by: Flow | undefined;
  /** Id of a vendor's target that must permit it in a session, `pumpco/plc-dosing.502`, or empty. */
  readonly byTarget: string;
  readonly because: Reason | undefined;
}

export interface TestCircumstances {
  readonly last: PolicyTestRule['given']['last'];
  readonly read: PolicyTestRule['given']['read'];
  readonly session: VendorAccess | undefined;
  readonly instant: number | undefined;
  readonly mode: ModeName;
}

/**
 * A statement over the whole space of packets and Modbus requests, at all times, in all modes, with every
 * grant given and every audit stage counted as allowed. `'*'` in a selection is every zone.
 */
export type Invariant = { readonly at: Place; readonly id: string } & (
  | {
      readonly kind: 'never';
      readonly from: Selection;
      readonly to: Selection;
      readonly what: TrafficSelection;
    }
  | {
      readonly kind: 'only';
      readonly from: Selection;
      readonly to: Selection;
      readonly what: TrafficSelection;
      readonly allow: readonly Flow[];
      /** Vendors named among them: what their sessions reach is allowed as well. */
      readonly vendors: readonly VendorAccess[];
    }
  | { readonly kind: 'path'; readonly from: Selection; readonly to: Selection; readonly mustCross: Zone }
  | {
      /** At most this many client assets may say `what` to any one of `to`. */
      readonly kind: 'max-writers';
      readonly to: Selection;
      readonly what: TrafficSelection;
      readonly count: number;
    }
);

/** Which traffic a statement is about; an empty list, or undefined, is any. */
export interface TrafficSelection {
  readonly protocol: Protocol | undefined;
  readonly ports: readonly PortRange[];
  /** Undefined: any traffic at all, Modbus or not. Otherwise only Modbus requests, on any port that can carry them. */
  readonly modbus: RequestSelection | undefined;
}

/** A set of Modbus requests: each stated dimension must meet; addresses and values are those written or read. */
export interface RequestSelection {
  readonly class: ModbusClass | undefined;
  readonly functions: readonly number[];
  readonly units: readonly number[];
  readonly addresses: readonly AddressRange[];
  /** Registers as `u16`, coils as 0 and 1; inclusive. */
  readonly values: { readonly min: number; readonly max: number } | undefined;
}

export type ModbusClass = 'read' | 'write';
export type Selection = '*' | readonly EndpointRef[];

/** An accepted finding: by whom, why, until when. */
export interface Waiver {
  readonly at: Place;
  readonly code: string;
  /** Name of the zone, asset, conduit, flow, profile, gateway, vendor, mode, test, invariant or path it is about. */
  readonly on: string;
  readonly reason: string;
  readonly owner: string;
  readonly until: number;
}
