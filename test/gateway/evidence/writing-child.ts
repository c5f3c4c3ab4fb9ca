import { openEvidenceLog } from '../../../gateway/evidence/evidence-log.ts';
import { connectionRecord, owner, stopped } from './samples.ts';

/**
 * Writes to the directory given until it is killed: a flow of routine records, and durable acts one after
 * the other, each named on standard output once it is acknowledged, and so is the size of each checkpoint.
 */
const [directory = '', name = ''] = process.argv.slice(2);
const log = await openEvidenceLog(directory, {
  maxBytes: 64 * 1024 * 1024,
  segmentBytes: 32 * 1024,
  clock: { wall: Date.now, monotonic: () => performance.now() },
  owner,
});
for (let count = 0; ; count += 1) {
  for (let routine = 0; routine < 20; routine += 1)
    log.append(connectionRecord(`${name}-${count}-${routine}`));
  await log.appendDurable(stopped(`${name}-${count}`));
  process.stdout.write(`${name}-${count}\n`);
  if (count % 5 === 4) process.stdout.write(`signed ${(await log.checkpoint()).size}\n`);
}
