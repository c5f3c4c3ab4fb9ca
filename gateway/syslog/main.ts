import { systemClock } from '../clock.ts';
import { createLog } from '../log.ts';
import { liveAsChild } from '../run/child.ts';
import { startForwarder } from './forwarder.ts';

/** `node gateway/syslog/main.ts --config FILE [--supervised]`: the process that hands evidence to a syslog collector. */
const log = createLog('syslog');

await liveAsChild(log, (config) => startForwarder(config, systemClock, log));
