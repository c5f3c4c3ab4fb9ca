import type { IllegalOutcome } from '../../../rules/modbus/message/parse-request.ts';
import type { Request } from '../../../rules/modbus/message/request.ts';
import type { Tolerance } from '../../../rules/modbus/profile.ts';

/** One ADU from a client. */
export interface RequestVector {
  readonly name: string;
  /** The rule it keeps or breaks. */
  readonly clause: string;
  readonly bytes: Uint8Array;
  /** What it says, or what else it is. */
  readonly is: Request | IllegalOutcome | 'malformed';
  /** What is sent on, where that is not what came. */
  readonly emitted?: Uint8Array;
}

/** One ADU from a server, and the request it is the answer to, or not. */
export interface ResponseVector {
  readonly name: string;
  /** The rule it keeps or breaks. */
  readonly clause: string;
  readonly request: Request;
  readonly bytes: Uint8Array;
  /** Without this tolerance it is a mismatch and with it what it `is`; a plain mismatch is one whatever the leave. */
  readonly leave?: Tolerance;
  readonly is: 'done' | 'mismatch' | { readonly exception: number } | { readonly data: string };
  /** What is sent on, where that is not what came. */
  readonly emitted?: Uint8Array;
}
