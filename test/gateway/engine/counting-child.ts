import { writeSync } from 'node:fs';
import { mapShared } from '../../../gateway/ffi/shared-memory.ts';
import { openCounterFile } from '../../../gateway/inspector/counter-file.ts';
import { countFromClient, countRefusal, createCounters } from '../../../gateway/inspector/counters.ts';
import { createFlowTable } from '../../../rules/admission/flow-table.ts';
import { sampleFlow, samplePolicy } from '../inspector/sample.ts';

/** Counts on more and more flows until it is killed, and says after each round how many there were. */
const [directory = '', epoch = ''] = process.argv.slice(2);
const counters = createCounters(openCounterFile(directory, epoch, mapShared));
for (let round = 1; ; round += 1) {
  const policy = samplePolicy({ flows: [sampleFlow({ id: `F-${round % 100}` })] });
  const tuple = { client: '10.10.0.10', server: '10.20.0.20', port: 502 };
  const [permit] = createFlowTable(policy).find(tuple);
  if (permit === undefined) throw new Error('the sample permits it');
  const tally = counters.of(permit);
  for (let times = 0; times < 10; times += 1) {
    countFromClient(tally, 12);
    countRefusal(tally, 'fc-not-allowed');
  }
  writeSync(1, `${round}\n`);
}
