/**
 * `parts.ts BUNDLE PUBLIC-KEY SITE GATEWAY`: in a namespace of its own, what of a start is judging the bundle and what is
 * putting its table into the kernel, each for the first time in this process. Prints one line of JSON, milliseconds.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createKernelEnforcement } from '../../../gateway/enforce/kernel/kernel-enforcement.ts';
import { readTrustedKeys, signedBy } from '../../../gateway/load/trusted-keys.ts';
import { createLog } from '../../../gateway/log.ts';
import { GatewayRelease } from '../../../gateway/release.ts';
import { judgeConfirmedBundle } from '../../../rules/bundle/judge-bundle.ts';

const [, , bundle = '', key = '', site = '', gateway = ''] = process.argv;
const envelope = readFileSync(bundle);
const began = performance.now();
const judged = judgeConfirmedBundle(envelope, {
  keys: readTrustedKeys([key]),
  signatures: 1,
  verify: signedBy,
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  site,
  gateway,
  gatewayVersion: GatewayRelease,
});
if (!judged.ok) throw new Error(judged.message);
const verify = performance.now() - began;
const enforcement = createKernelEnforcement({
  barredUids: [],
  dialerUid: 0,
  log: createLog('bench'),
  onDrops: () => {},
});
const applied = performance.now();
await enforcement.apply(judged.policy, []);
console.log(JSON.stringify({ verify, apply: performance.now() - applied }));
enforcement.close();
process.exit();
