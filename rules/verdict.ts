import type { Reason } from './reason.ts';

/**
 * What was decided about one request. There is no verdict without a reason and no allow without the
 * permission that allowed it, so that nothing is ever explained by other code than decided it.
 */
export type Verdict =
  | { readonly kind: 'allow'; readonly permission: Permission }
  | {
      readonly kind: 'refuse';
      readonly reason: Reason;
      readonly exceptionCode: number;
      readonly action: 'exception' | 'drop' | 'exception-close' | 'reset';
      readonly permission: Permission | undefined;
    };

/** The permission that decided, or came closest: its place in the profile and its line in the model. */
export interface Permission {
  readonly index: number;
  /** `scada-setpoints/2`. */
  readonly id: string;
  readonly line: number;
  readonly name: string;
}
