import { type Running, startIn } from './exec.ts';
import { type ProcessKind, pidsOf, processesIn } from './processes.ts';
import { PenstockCommand, penstock } from './site.ts';

/** A gateway running in a namespace under `penstock run`. */
export interface RunningGateway {
  readonly config: string;
  readonly namespace: string;
  /** Everything its processes said. */
  readonly log: () => string;
  /** Process ids of one kind, as they are now. */
  readonly pids: (kind: ProcessKind) => Promise<readonly number[]>;
  readonly status: () => Promise<GatewayStatus | undefined>;
  readonly supervisor: Running;
}

/** What of `penstock status --json` is used here. */
export interface GatewayStatus {
  readonly policyVersion: number;
  readonly policyDigest: string;
  readonly inspectors: readonly {
    readonly pid: number;
    readonly shards: readonly number[];
    readonly spare: boolean;
    readonly dataPath?: 'epoll' | 'streams';
  }[];
}

/** Asks the gateway of a configuration how it is; without an answer it is not there. */
export type AskStatus = (config: string) => Promise<GatewayStatus | undefined>;

/**
 * Starts `penstock run` in a namespace and waits until it enforces a policy; throws with its log if it ends. `under` is
 * a command that executes the rest of its words. The command line costs a process for each answer, so that who may
 * talk to the engine itself says how with `ask`.
 */
export async function startGateway(
  namespace: string,
  config: string,
  under: readonly string[] = [],
  ask: AskStatus = askByCommandLine,
): Promise<RunningGateway> {
  const supervisor = startIn(namespace, [...under, ...PenstockCommand, 'run', '--config', config]);
  const gateway: RunningGateway = {
    config,
    namespace,
    log: supervisor.output,
    pids: async (kind) => pidsOf(kind, await processesIn(namespace)),
    status: () => ask(config),
    supervisor,
  };
  await enforcing(gateway);
  return gateway;
}

/** Waits until every shard has an inspector and a spare stands by; throws with the log when time is up. */
export async function enforcing(gateway: RunningGateway, patience = 120_000): Promise<GatewayStatus> {
  const deadline = performance.now() + patience;
  let ended = false;
  void gateway.supervisor.ended.then(() => {
    ended = true;
  });
  let seen: GatewayStatus | undefined;
  while (performance.now() < deadline && !ended) {
    seen = await gateway.status();
    const carrying = seen?.inspectors.some((one) => !one.spare && one.shards.length > 0) === true;
    if (seen !== undefined && carrying && seen.inspectors.some((one) => one.spare)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the gateway does not enforce; status ${JSON.stringify(seen)}, its log:\n${gateway.log()}`);
}

async function askByCommandLine(config: string): Promise<GatewayStatus | undefined> {
  const said = await penstock('status', '--config', config, '--json');
  // 1 is an answer as well: it is up and has an alarm.
  return said.stdout.startsWith('{') ? (JSON.parse(said.stdout) as GatewayStatus) : undefined;
}
