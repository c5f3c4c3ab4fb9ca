import { systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { liveAsChild } from '../run/child.ts';
import { startFront } from './front.ts';

/** `node gateway/front/main.ts --config FILE [--supervised]`: the process of page, API and metrics. */
const log = createLog('front');

await liveAsChild(log, (config) => startFront(config, systemClock, log));
