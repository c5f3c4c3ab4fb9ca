import type { Call, CallName } from '../ipc/calls.ts';
import type { CallContext, CallHandlers, CallOutcome } from './caller.ts';
import { refuse } from './refusals.ts';

/** Where every person's call arrives in the engine, whoever carried it. */
export interface Desk {
  /** Never rejects: a defect in one handler is a refusal of that call. */
  readonly answer: (call: Call, context: CallContext) => Promise<CallOutcome<CallName>>;
}

/** The desk of a gateway: every call has exactly one handler. */
export function createDesk(
  handlers: CallHandlers<CallName>,
  onDefect: (cause: unknown, call: CallName) => void,
): Desk {
  return {
    answer: async (call, context) => {
      // The name was checked when the call arrived; the handler of that name takes what goes with it.
      const handler = handlers[call.name] as (
        asks: Call['with'],
        context: CallContext,
      ) => Promise<CallOutcome<CallName>>;
      try {
        return await handler(call.with, context);
      } catch (cause) {
        onDefect(cause, call.name);
        return refuse('PST_NOT_DONE');
      }
    },
  };
}
