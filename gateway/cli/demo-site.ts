import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plant } from '../../test/plant/plant.ts';
import { formatConfig } from '../config.ts';
import { compileModel } from './compile.ts';
import { freePort } from './free-port.ts';
import { makeKeyPair } from './keygen.ts';

/** The example site as it runs on this machine. Ports are of 127.0.0.1. */
export interface DemoSite {
  /** Path of its gateway.yaml. */
  readonly config: string;
  readonly page: number;
  readonly metrics: number;
  /** Where vendors come in while a session is open. */
  readonly vendors: { readonly tls: number; readonly ssh: number };
  readonly listeners: readonly { readonly as: string; readonly to: string; readonly port: number }[];
  /** Where to connect to speak as one asset to another. */
  readonly portOf: (as: string, to: string) => number;
}

/**
 * Keys, bundle and gateway.yaml of the example plant in a directory, with ports that are free now. The gateway takes
 * them only as it starts: who makes several sites at once keeps them apart by what is added to the usual ports.
 */
export async function makeDemoSite(home: string, plant: Plant, portsFrom = 0): Promise<DemoSite> {
  const keys = makeKeyPair(join(home, 'keys'));
  const bundle = join(home, 'plant.bundle');
  const model = join(home, 'plant.zones.yaml');
  writeFileSync(model, atAnyHour(readFileSync(ExampleModel, 'utf8')));
  const status = await compileModel(model, {
    gateway: 'cgw-01',
    key: keys.secret,
    out: bundle,
    // The example was reviewed long ago; a demo bundle is good from today.
    notBefore: new Date().toISOString().slice(0, 10),
    quiet: true,
  });
  if (status !== 0) throw new Error('the example model does not compile');
  const taken = new Set<number>();
  const take = async (wanted: number): Promise<number> => {
    const port = await freePort(portsFrom + wanted, taken);
    taken.add(port);
    return port;
  };
  const page = await take(8080);
  const metrics = await take(9464);
  const vendors = { tls: await take(8443), ssh: await take(2222) };
  const listeners: { as: string; to: string; port: number }[] = [];
  for (const [as, to] of InspectedPairs) listeners.push({ as, to, port: await take(15021) });
  const config = join(home, 'gateway.yaml');
  writeFileSync(
    config,
    formatConfig({
      back_end: 'proxy',
      site: 'riverside-wtp',
      gateway: 'cgw-01',
      trusted_keys: [keys.public],
      bundle,
      state: join(home, 'state'),
      run: join(home, 'run'),
      page: { listen: `127.0.0.1:${page}` },
      metrics: { listen: `127.0.0.1:${metrics}` },
      // Whoever runs a demo sees to their own clock.
      clock: 'by-hand',
      vendor: {
        tls: { listen: `127.0.0.1:${vendors.tls}` },
        ssh: { listen: `127.0.0.1:${vendors.ssh}` },
        targets: [
          { asset: 'plc-dosing', port: 502, server: `127.0.0.1:${plant.plcs.get('plc-dosing')?.port ?? 0}` },
        ],
      },
      listeners: listeners.map(({ as, to, port }) => ({
        as,
        to,
        port: 502,
        listen: `127.0.0.1:${port}`,
        server: `127.0.0.1:${plant.plcs.get(to)?.port ?? 0}`,
      })),
    }),
  );
  return {
    config,
    page,
    metrics,
    vendors,
    listeners,
    portOf: (as, to) => listeners.find((one) => one.as === as && one.to === to)?.port ?? 0,
  };
}

/** The example lets its vendor in on working days only, and tests that. A demo is for any hour. */
function atAnyHour(model: string): string {
  return model
    .replace('window: "mon-fri 07:00-16:00"', 'window: "mon-sun 00:00-24:00"')
    .replace(/ {2}- \{name: nor comes in out of hours,.*\n.*\n/, '');
}

/** Every Modbus client of the example with every server it may speak to. */
const InspectedPairs = [
  ['scada-1', 'plc-intake'],
  ['scada-1', 'plc-dosing'],
  ['hmi-1', 'plc-intake'],
  ['hmi-1', 'plc-dosing'],
  ['plc-dosing', 'sis-plc'],
] as const;

const ExampleModel = join(import.meta.dirname, '../../policy/examples/waterworks.zones.yaml');
