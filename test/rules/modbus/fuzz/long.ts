/**
 * `node test/rules/modbus/fuzz/long.ts [ADUS] [SEED]`: the differential fuzzing at length, 10 000 000 ADUs and a
 * seed from the clock unless said otherwise. Prints the seed first. What is found is written to
 * test/vectors/modbus/corpus/, where a test replays it for ever, and the exit status is 1.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCampaign } from './campaign.ts';
import { runRtuCampaign } from './rtu-campaign.ts';

const adus = Number(process.argv[2] ?? 10_000_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const begun = performance.now();

console.log(`seed ${seed}, ${adus} ADUs`);
const result = runCampaign(seed, adus, (done) => {
  const rate = Math.round(done / ((performance.now() - begun) / 1000));
  console.log(`${Math.round((100 * done) / adus)} %  ${done} ADUs, ${rate} per second`);
});
const rtu = runRtuCampaign(seed, Math.ceil(adus / 10));
const { cases, requests, forwarded, responses, byChance, finding } = result;
console.log(`${cases} cases, ${requests} ADUs read, ${forwarded} forwarded, ${responses} responses`);
console.log(
  `${byChance} writes are RTU frames by chance, of ${Math.round(forwarded / 65_536)} to be expected`,
);
console.log(`${rtu.frames} RTU frames, ${rtu.forwarded} forwarded, ${rtu.answered} answered`);
if (rtu.finding !== undefined) {
  console.log(`FOUND ${rtu.finding}`);
  process.exitCode = 1;
}
if (finding === undefined) {
  if (rtu.finding === undefined) console.log('nothing found');
} else {
  const file = new URL(`../../../vectors/modbus/corpus/seed-${seed}.txt`, import.meta.url);
  writeFileSync(file, finding.text);
  console.log(`FOUND ${finding.what}\n${finding.text}kept as ${fileURLToPath(file)}`);
  process.exitCode = 1;
}
