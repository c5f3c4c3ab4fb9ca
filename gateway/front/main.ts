import { setPriority } from 'node:os';
import { systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { liveAsChild } from '../run/child.ts';
import { startFront } from './front.ts';

/** `node gateway/front/main.ts --config FILE [--supervised]`: the process of page, API and metrics. */
const log = createLog('front');

/** 0 is ordinary, 19 the nicest. */
const Niceness = 5;

// It faces people, and among them those who flood it: what carries the plant goes first (62443-3-3 SR 7.1). Under
// systemd the unit says so.
try {
  setPriority(Niceness);
} catch (cause) {
  log.debug({ problem: String(cause) }, 'the weight of this process stays as it is');
}

await liveAsChild(log, (config) => startFront(config, systemClock, log));
