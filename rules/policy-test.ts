import type { Reason } from './reason.ts';

/**
 * One thing the site says must or must not pass. It travels in the bundle, and the box asks itself before it
 * confirms the policy (62443-3-3 SR 3.3).
 */
export interface PolicyTestRule {
  readonly name: string;
  /** Line in the model. */
  readonly line: number;
  /** Names of assets of the policy. */
  readonly client: string;
  readonly server: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp-echo';
  /** 0 for `icmp-echo`. */
  readonly port: number;
  /** What is asked once connected; undefined where the test is about the flow alone. */
  readonly request: AskedRequest | undefined;
  readonly given: TestGiven;
  readonly expect: 'allow' | 'deny';
  /** Flow, or target of a vendor, that must allow or refuse it, or empty for any. */
  readonly by: string;
  /** Reason it must be refused for, or empty for any. */
  readonly because: Reason | '';
}

export interface TestGiven {
  /** Name of a mode of the policy. */
  readonly mode: string;
  /** Milliseconds since the Unix epoch; undefined is the moment the test is run. */
  readonly at: number | undefined;
  /**
   * Id of the vendor of whom a session is granted, for all it may ask for; empty for none. What is asked from where
   * it comes in (`client`) to one of its targets is then asked through the box, as in its session.
   */
  readonly session: string;
  /** What holding registers of the asked unit were last known to hold, in the type that is written. */
  readonly last: readonly { readonly address: number; readonly value: number }[];
  /** What was last read, by function code (1 to 4) and address. */
  readonly read: readonly {
    readonly functionCode: number;
    readonly address: number;
    readonly value: number;
  }[];
}

/** A Modbus request as people state it; what is undefined takes the least the function can have. */
export interface AskedRequest {
  readonly unit: number;
  readonly functionCode: number;
  readonly address: number | undefined;
  readonly quantity: number | undefined;
  /** What is written, in the type the profile gives to where it goes; coils are 0 and 1. */
  readonly values: readonly number[];
  readonly readAddress: number | undefined;
  readonly readQuantity: number | undefined;
  readonly andMask: number | undefined;
  readonly orMask: number | undefined;
  /** Diagnostics sub-function, or UMAS function. */
  readonly subFunction: number | undefined;
  readonly mei: number | undefined;
  readonly file: number | undefined;
  readonly record: number | undefined;
}
