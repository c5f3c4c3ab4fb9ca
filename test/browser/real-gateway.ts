import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileModel } from '../../gateway/cli/compile.ts';
import { askEngine } from '../../gateway/cli/engine-client.ts';
import { freePort } from '../../gateway/cli/free-port.ts';
import { makeKeyPair } from '../../gateway/cli/keygen.ts';
import { formatConfig, readConfig } from '../../gateway/config.ts';
import { type Answers, type Asks, type Call, type CallName, Calls } from '../../gateway/ipc/calls.ts';
import { makeDirectories } from '../../gateway/run/directories.ts';
import { controlSocket, gatewayProcesses } from '../../gateway/run/processes.ts';
import { supervise } from '../../gateway/run/supervisor.ts';
import { startPlant } from '../plant/plant.ts';
import { benchModel } from '../system/bench.ts';

/** A whole gateway on this machine: engine, inspectors and front as they ship, proxy back end, no privileges. */
export interface RealGateway {
  readonly url: string;
  /** Where vendors come in. */
  readonly entry: number;
  readonly atConsole: <N extends CallName>(name: N, asks: Asks<N>) => Promise<Answers<N>>;
  readonly close: () => Promise<void>;
}

export async function startRealGateway(): Promise<RealGateway> {
  const home = mkdtempSync(join(tmpdir(), 'penstock-page-'));
  const plant = await startPlant();
  const keys = makeKeyPair(join(home, 'keys'));
  const bundle = join(home, 'plant.bundle');
  await compileModel(benchModel('vendor/vendor.zones.yaml'), {
    gateway: 'cgw-test',
    key: keys.secret,
    out: bundle,
    notBefore: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
    quiet: true,
  });
  const taken = new Set<number>();
  const take = async (wanted: number): Promise<number> => {
    const port = await freePort(wanted, taken);
    taken.add(port);
    return port;
  };
  const [page, metrics, entry] = [await take(18_080), await take(19_464), await take(18_443)];
  const file = join(home, 'gateway.yaml');
  writeFileSync(
    file,
    formatConfig({
      back_end: 'proxy',
      site: 'vendor-bench',
      gateway: 'cgw-test',
      trusted_keys: [keys.public],
      bundle,
      state: join(home, 'state'),
      run: join(home, 'run'),
      clock: 'by-hand',
      page: { listen: `127.0.0.1:${page}` },
      metrics: { listen: `127.0.0.1:${metrics}` },
      vendor: {
        tls: { listen: `127.0.0.1:${entry}` },
        targets: [
          { asset: 'plc-dosing', port: 502, server: `127.0.0.1:${plant.plcs.get('plc-dosing')?.port ?? 0}` },
        ],
      },
    }),
  );
  const config = readConfig(file);
  makeDirectories(config, false);
  process.env['PENSTOCK_LOG'] ??= 'error';
  const supervisor = supervise(gatewayProcesses(config, false), {
    started: () => undefined,
    died: (name, how) => console.error(`${name} ended (${how})`),
  });
  const url = `http://localhost:${page}/`;
  const close = async (): Promise<void> => {
    await supervisor.stop();
    await plant.close();
    rmSync(home, { recursive: true, force: true });
  };
  const deadline = Date.now() + 60_000;
  for (;;) {
    const health = await fetch(`${url}api/health`).catch(() => undefined);
    if (health?.ok === true) break;
    if (Date.now() > deadline) {
      await close();
      throw new Error('the gateway did not come up');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    entry,
    atConsole: async (name, asks) => {
      const call = { name, with: asks } as Call;
      const message = { kind: 'call', id: 1, by: 'root', call } as const;
      const answer = await askEngine(controlSocket(config), message, Calls[name].answers);
      if (!answer.ok) throw new Error(`${name}: ${answer.code} ${answer.sentence}`);
      return answer.body as Answers<typeof name>;
    },
    close,
  };
}
