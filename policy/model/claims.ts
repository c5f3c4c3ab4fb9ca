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
  readonly modbus: TestRequest | undefined;
  readonly given: TestCircumstances;
  readonly expect: 'allow' | 'deny';
  readonly by: Flow | undefined;
  readonly because: Reason | undefined;
}

export interface TestRequest {
  readonly unit: number;
  readonly functionCode: number;
  readonly address: number | undefined;
  readonly quantity: number | undefined;
  readonly value: number | undefined;
}

export interface TestCircumstances {
  /** What was last read or written, by holding register. */
  readonly last: readonly { readonly address: number; readonly value: number }[];
  /** What was last read, by function code and address. */
  readonly read: readonly {
    readonly functionCode: number;
    readonly address: number;
    readonly value: number;
  }[];
  readonly session: VendorAccess | undefined;
  readonly instant: number | undefined;
  readonly mode: ModeName;
}

/** A statement over the whole packet space. `'*'` in a selection is every zone. */
export type Invariant = { readonly at: Place; readonly id: string } & (
  | {
      readonly kind: 'never';
      readonly from: Selection;
      readonly to: Selection;
      readonly modbusClass: ModbusClass | undefined;
    }
  | {
      readonly kind: 'only';
      readonly from: Selection;
      readonly to: Selection;
      readonly allow: readonly Flow[];
    }
  | { readonly kind: 'path'; readonly from: Selection; readonly to: Selection; readonly mustCross: Zone }
  | {
      readonly kind: 'max-writers';
      readonly to: Selection;
      readonly modbusClass: ModbusClass;
      readonly count: number;
    }
);

export type ModbusClass = 'read' | 'write';
export type Selection = '*' | readonly EndpointRef[];

/** An accepted finding: by whom, why, until when. */
export interface Waiver {
  readonly at: Place;
  readonly code: string;
  /** Name of the zone, asset, conduit, flow, profile, gateway or vendor it is about. */
  readonly on: string;
  readonly reason: string;
  readonly owner: string;
  readonly until: number;
}
