import type {
  Alarm,
  EnforcementCounts,
  EnforcementState,
  OpenGate,
} from '../../../gateway/enforce/enforcement.ts';
import type { DropSummary } from '../../../gateway/enforce/kernel/drop-summary.ts';
import type { Policy } from '../../../rules/policy.ts';
import type { Running } from '../../plant/namespaces/exec.ts';
import type { Bench } from './bench.ts';

/** Kernel enforcement running in the gateway's namespace. What fails throws with its error code. */
export interface Enforcer {
  readonly process: Running;
  readonly check: (policy: Policy) => Promise<void>;
  readonly apply: (policy: Policy, open?: readonly OpenGate[]) => Promise<void>;
  readonly setGates: (open: readonly OpenGate[]) => Promise<void>;
  readonly setMode: (mode: string, reopened?: readonly string[]) => Promise<void>;
  readonly verify: () => Promise<readonly string[]>;
  readonly counts: () => Promise<EnforcementCounts>;
  readonly alarms: () => Promise<readonly Alarm[]>;
  /** From now on its listings lie about the forward chain. */
  readonly distort: () => Promise<void>;
  /** Everything the drop reader has told so far. */
  readonly drops: () => readonly DropSummary[];
}

/** Starts it, as root or as a user with these capabilities alone, and waits until it takes calls. */
export async function startEnforcer(
  bench: Pick<Bench, 'gateway' | 'start' | 'startWith'>,
  capabilities?: readonly string[],
): Promise<Enforcer> {
  const process =
    capabilities === undefined
      ? bench.start(bench.gateway, 'enforcer.ts')
      : bench.startWith(capabilities, 'enforcer.ts');
  await process.says(/ready/);
  let last = 0;

  async function ask(call: string, more: object = {}): Promise<unknown> {
    last += 1;
    const number = last;
    process.tell(JSON.stringify({ number, call, ...more }));
    const [, how, body = ''] = await process.says(new RegExp(`^(done|failed) ${number} (.*)$`, 'm'));
    if (how === 'failed') throw new Error(body);
    return JSON.parse(body);
  }

  return {
    process,
    check: async (policy) => void (await ask('check', { policy })),
    apply: async (policy, open = []) => void (await ask('apply', { policy, open })),
    setGates: async (open) => void (await ask('setGates', { open })),
    setMode: async (mode, reopened = []) => void (await ask('setMode', { mode, reopened })),
    verify: async () => (await ask('verify')) as readonly string[],
    counts: async () => (await ask('counts')) as EnforcementCounts,
    alarms: async () => ((await ask('state')) as EnforcementState).alarms,
    distort: async () => void (await ask('distort')),
    drops: () =>
      [...process.output().matchAll(/^drops (.*)$/gm)].map(
        ([, json = '']) => JSON.parse(json) as DropSummary,
      ),
  };
}
