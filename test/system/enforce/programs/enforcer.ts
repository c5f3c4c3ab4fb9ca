/**
 * `enforcer.ts`: kernel enforcement in this namespace, driven by lines of JSON on standard input, one answer
 * per line: `done N …` or `failed N CODE …`. `{"call": "distort"}` makes every later listing show a forward
 * chain that accepts, as a library that drops a key would. `touched` says that somebody has changed a ruleset.
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../../../../gateway/clock.ts';
import type { OpenGate } from '../../../../gateway/enforce/enforcement.ts';
import { startDropReader } from '../../../../gateway/enforce/kernel/drops.ts';
import { ip } from '../../../../gateway/enforce/kernel/ip-command.ts';
import { enforceByKernel } from '../../../../gateway/enforce/kernel/kernel-enforcement.ts';
import type { Nft, NftObject } from '../../../../gateway/enforce/kernel/nft.ts';
import { startNft } from '../../../../gateway/enforce/kernel/nft-process.ts';
import { createRouting } from '../../../../gateway/enforce/kernel/routing.ts';
import { hearOfRulesets } from '../../../../gateway/enforce/kernel/ruleset-news.ts';
import { sysctl } from '../../../../gateway/enforce/kernel/sysctl.ts';
import { GatewayError } from '../../../../gateway/errors.ts';
import { createLog } from '../../../../gateway/log.ts';
import type { Policy } from '../../../../rules/policy.ts';

interface Call {
  readonly number: number;
  readonly call: 'apply' | 'check' | 'setGates' | 'setMode' | 'verify' | 'counts' | 'state' | 'distort';
  readonly policy?: Policy;
  readonly open?: readonly OpenGate[];
  readonly mode?: string;
  readonly reopened?: readonly string[];
}

/** User of the inspectors; there is no such account. */
const Dialer = 986;

let distorted = false;
const real = startNft((how) => console.log(`nft child ended ${how}`));
const nft: Nft = {
  ...real,
  listTable: async (table) =>
    (await real.listTable(table))?.map((one) => (distorted ? openForward(one) : one)),
};
const drops = startDropReader(
  (summary) => console.log(`drops ${JSON.stringify(summary)}`),
  (how) => console.log(`drop reader ended ${how}`),
);
const enforcement = enforceByKernel(
  { nft, looker: nft, routing: createRouting(ip, sysctl), drops, hear: hearOfRulesets, clock: systemClock },
  { barredUids: [987, Dialer], dialerUid: Dialer, log: createLog('enforcer') },
);

enforcement.onTouch(() => console.log('touched'));

createInterface({ input: process.stdin })
  .on('line', (line) => void take(JSON.parse(line)))
  .on('close', () => process.exit(0));
console.log('ready');

async function take(call: Call): Promise<void> {
  try {
    console.log(`done ${call.number} ${JSON.stringify((await act(call)) ?? null)}`);
  } catch (error) {
    const code = error instanceof GatewayError ? error.code : 'defect';
    console.log(`failed ${call.number} ${code} ${String(error)}`);
  }
}

async function act({ call, policy, open = [], mode = '', reopened = [] }: Call): Promise<unknown> {
  if (call === 'distort') {
    distorted = true;
    return undefined;
  }
  if (call === 'setMode') return enforcement.setMode(mode, reopened);
  if (call === 'setGates') return enforcement.setGates(open);
  if (call === 'apply' && policy !== undefined) return enforcement.apply(policy, open);
  if (call === 'check' && policy !== undefined) return enforcement.check(policy);
  if (call === 'verify') return enforcement.verify();
  if (call === 'counts') return enforcement.counts();
  return enforcement.state();
}

function openForward(object: NftObject): NftObject {
  const text = JSON.stringify(object);
  return text.includes('"hook":"forward"') ? JSON.parse(text.replace('"drop"', '"accept"')) : object;
}
