import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCampaign } from './campaign.ts';
import { readCase } from './fuzz-case.ts';
import { runRtuCampaign } from './rtu-campaign.ts';
import { runCase } from './run-case.ts';

/** `long.ts` goes on where this ends; the seed is fixed so that a failure here is one everywhere. */
describe('differential fuzzing', () => {
  const claim = 'no reader finds a request the policy refuses, and no client another one’s answer';
  test(`in 20 000 ADUs ${claim}`, () => findsNothing(20_000));
  test(`in 100 000 ADUs ${claim}`, { tags: ['deep'] }, () => findsNothing(100_000));

  function findsNothing(adus: number): void {
    const { finding, requests, forwarded, responses, byChance } = runCampaign(1, adus);
    expect(finding?.text).toBeUndefined();
    // And it is about something: enough passes, enough is refused, enough is answered.
    expect(forwarded).toBeGreaterThan(requests / 10);
    expect(forwarded).toBeLessThan((requests * 9) / 10);
    expect(responses).toBeGreaterThan(requests / 5);
    expect(byChance).toBeLessThan(10);
  }

  test('in 20 000 RTU frames every write is one permitted frame and every answer that of the request under way', () => {
    const { finding, frames, forwarded, answered } = runRtuCampaign(1, 20_000);
    expect(finding).toBeUndefined();
    expect(forwarded).toBeGreaterThan(frames / 20);
    expect(answered).toBeGreaterThan(forwarded / 2);
  });
});

const corpus = new URL('../../../vectors/modbus/corpus/', import.meta.url);

describe('what was found once, in an inspector or in one broken for the purpose,', () => {
  const files = readdirSync(corpus).filter((name) => name.endsWith('.txt'));
  test.for(files)('%s finds nothing', (name) => {
    const { finding } = runCase(readCase(readFileSync(new URL(name, corpus), 'utf8')));
    expect(finding).toBeUndefined();
  });
});
