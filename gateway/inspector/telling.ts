import type { Clock } from '../clock.ts';
import { BeatInterval } from '../ipc/bounds.ts';
import type { InspectorToEngine } from '../ipc/messages.ts';
import type { Connections } from './connections.ts';
import type { Counters } from './counters.ts';
import type { Outbox } from './outbox.ts';
import type { RefusalWindow } from './refusal-window.ts';
import { useMessages } from './use-messages.ts';
import type { VendorChannels } from './vendor/channels.ts';

/** What the engine is told without having asked: that this process lives, and each second what it has for it. */
export interface Telling {
  /** What was used until now; the rest of a policy's use is told under the next. */
  readonly use: () => void;
  /** From now on counts are sent, since the engine cannot read them. */
  readonly sendCounters: () => void;
  readonly countsInFile: () => boolean;
  /** Tells everything once more, and nothing after it. */
  readonly end: () => void;
}

export interface TellingOptions {
  readonly epoch: string;
  readonly clock: Clock;
  /** Digest of the policy in force. */
  readonly policy: () => string;
  readonly connections: Connections;
  readonly vendors: VendorChannels;
  readonly counters: Counters;
  readonly refusals: RefusalWindow;
  readonly outbox: Outbox;
  readonly countsInFile: boolean;
  readonly send: (message: InspectorToEngine) => void;
}

export function startTelling(options: TellingOptions): Telling {
  const { epoch, clock, policy, connections, vendors, counters, refusals, outbox, send } = options;
  let { countsInFile } = options;
  let wallOffset = clock.wall() - clock.monotonic();
  let tellings = 0;
  const report = setInterval(tell, ReportInterval);
  const beat = setInterval(() => send({ kind: 'alive' }), BeatInterval);

  function tell(): void {
    const offset = clock.wall() - clock.monotonic();
    // Ends of audit stages are kept on the monotonic clock; when the wall clock was set they have moved.
    if (Math.abs(offset - wallOffset) > ClockTolerance) connections.reconsider('policy-changed');
    wallOffset = offset;
    outbox.flush();
    for (const untold of outbox.refusals(refusals.drain(clock.wall()))) refusals.putBack(untold);
    vendors.tell();
    const progress = connections.progress();
    if (progress.length > 0) send({ kind: 'progress', connections: progress });
    send(countsInFile ? { kind: 'counted' } : { kind: 'counters', epoch, flows: counters.report() });
    tellings += 1;
    if (tellings % TellingsPerUse === 0) use();
  }

  function use(): void {
    for (const message of useMessages(epoch, policy(), counters.used())) send(message);
  }

  return {
    use,
    sendCounters: () => {
      countsInFile = false;
    },
    countsInFile: () => countsInFile,
    end: () => {
      clearInterval(report);
      clearInterval(beat);
      tell();
      use();
    },
  };
}

const ReportInterval = 1_000;
/** What was used is told every 5 s: nobody waits for it. */
const TellingsPerUse = 5;
/** Milliseconds by which the two clocks may drift apart between two looks. */
const ClockTolerance = 250;
