import { checkBy, type MessageCheck } from './channel.ts';
import { Check } from './engine-to-inspector-code.ts';
import type { EngineToInspector } from './messages.ts';

/** Check of what comes to an inspector: generated, since the library that makes it is most of what one would load. */
export const checkEngineToInspector: MessageCheck<EngineToInspector> = checkBy(Check);
