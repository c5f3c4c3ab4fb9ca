import type { Inspection } from '../../../rules/modbus/connection/inspection.ts';
import { MaxMbapBytes, toMbap } from '../../../rules/modbus/rtu/rtu.ts';
import { rtuRequestBytes } from '../../../rules/modbus/rtu/rtu-length.ts';
import { createRtuStream } from '../../../rules/modbus/rtu/rtu-stream.ts';
import type { ReplayedConnection, ReplayParts } from './replayed-connection.ts';

/** A connection that speaks RTU over TCP: it has no identifiers, so the bytes go on as they came. */
export function createReplayedRtuConnection(parts: ReplayParts): ReplayedConnection {
  const { inspect, preview, sink, notes, isMidstream } = parts;
  const mbap = new Uint8Array(MaxMbapBytes);
  let requests = createRtuStream(rtuRequestBytes);
  let skipped = 0;
  let isInStep = !isMidstream;
  let isClosed = false;
  let inspection: Inspection = begin();

  function begin(): Inspection {
    isClosed = false;
    return inspect({
      ...sink,
      close: (reason, reset) => {
        isClosed = true;
        sink.close(reason, reset);
      },
    });
  }

  function startAgain(): void {
    inspection.end();
    inspection = begin();
    requests = createRtuStream(rtuRequestBytes);
    isInStep = false;
  }

  /** Requests are previewed as the inspection sees them: under a header. */
  function fromClient(bytes: Uint8Array, at: number): void {
    requests.push(bytes);
    while (requests.next(at) === 'adu') {
      preview(mbap.subarray(0, toMbap(requests.bytes, requests.start, requests.end, 0, mbap)), at);
    }
    inspection.fromClient(bytes, at);
  }

  function passTime(at: number): void {
    for (;;) {
      const due = inspection.nextDeadline();
      if (due === undefined || due > at) return;
      inspection.tick(due);
      if (isClosed) startAgain();
      else if (inspection.nextDeadline() === due) return;
    }
  }

  return {
    data(from, bytes, at) {
      passTime(at);
      // One request at a time, and most senders begin a segment with it: the next one is a new start.
      if (!isInStep && from === 'server') {
        skipped += bytes.length;
        return;
      }
      if (!isInStep) notes.resynced('client', skipped, at);
      isInStep = true;
      skipped = 0;
      if (from === 'client') fromClient(bytes, at);
      else inspection.fromServer(bytes, at);
      if (isClosed) startAgain();
    },
    lost(_from, at) {
      passTime(at);
      startAgain();
    },
    end: () => inspection.end(),
  };
}
