import type { InspectionSink } from '../../../rules/modbus/connection/effect.ts';
import type { Inspection } from '../../../rules/modbus/connection/inspection.ts';

/** In the place of an inspection for a target whose protocol nobody here reads: bytes go on as they came. */
export function createOpaqueCarriage(sink: InspectionSink): Inspection {
  let ended = false;
  return {
    fromClient: (bytes) => {
      if (!ended) sink.toServer(bytes, bytes.length);
    },
    fromServer: (bytes) => {
      if (!ended) sink.toClient(bytes, bytes.length, 'server');
    },
    resume: () => undefined,
    tick: () => undefined,
    nextDeadline: () => undefined,
    readingClient: () => true,
    adopt: () => undefined,
    end: () => {
      ended = true;
    },
  };
}
