import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Hmi, startHmi } from '../../test/plant/hmi.ts';
import { type Plant, startPlant } from '../../test/plant/plant.ts';
import { codeAt } from '../accounts/totp.ts';
import { readConfig } from '../config.ts';
import { makeDirectories } from '../run/directories.ts';
import { gatewayProcesses } from '../run/processes.ts';
import { supervise } from '../run/supervisor.ts';
import { type DemoPerson, makeDemoPeople } from './demo-people.ts';
import { type DemoSite, makeDemoSite } from './demo-site.ts';
import { ExitStatus } from './output.ts';
import { askedToStop } from './stop-signal.ts';

/**
 * `penstock demo`: the example plant on this machine's loopback, without privileges: its controllers as
 * Modbus servers, the gateway with the proxy back end between, an HMI polling through it, operator page and
 * metrics. Everything lives in a temporary directory that goes when it ends.
 */
export async function demo(): Promise<number> {
  const stop = askedToStop();
  const home = mkdtempSync(join(tmpdir(), 'penstock-demo-'));
  try {
    const plant = await startPlant();
    try {
      await show(home, plant, stop);
    } finally {
      await plant.close();
    }
    return ExitStatus.good;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** `penstock demo --code SECRET`: what an authenticator with this secret shows now. */
export function demoCode(secret: string): number {
  console.log(codeAt(secret, Date.now()));
  return ExitStatus.good;
}

/** Brings the gateway up in front of the plant, shows it around, and takes it down when asked to stop. */
async function show(home: string, plant: Plant, stop: Promise<void>): Promise<void> {
  const site = await makeDemoSite(home, plant);
  const config = readConfig(site.config);
  makeDirectories(config, false);
  process.env['PENSTOCK_LOG'] ??= 'error';
  const supervisor = supervise(gatewayProcesses(config, false), {
    started: () => undefined,
    died: (name, how) => console.error(`${name} ended (${how}) and is started again`),
  });
  let hmi: Hmi | undefined;
  try {
    const abort = new AbortController();
    void stop.then(() => abort.abort());
    if (!(await isUp(site, abort.signal))) return;
    hmi = startHmi({ host: '127.0.0.1', port: site.portOf('hmi-1', 'plc-dosing') });
    console.log(guide(site));
    console.log(vendorGuide(site, await makeDemoPeople(site.config, site.page)));
    await stop;
  } finally {
    await hmi?.close();
    await supervisor.stop();
  }
}

/** Waits until the page answers and every listener listens; false when it is stopped before. */
async function isUp(site: DemoSite, stopped: AbortSignal): Promise<boolean> {
  const deadline = AbortSignal.any([stopped, AbortSignal.timeout(StartTimeout)]);
  await until(deadline, async () => (await fetch(`http://127.0.0.1:${site.page}/api/health`)).ok);
  for (const { port } of site.listeners) await until(deadline, () => accepts(port));
  if (stopped.aborted) return false;
  if (!deadline.aborted) return true;
  throw new Error('the demo did not come up in time; PENSTOCK_LOG=info npm start says more');
}

async function until(deadline: AbortSignal, holds: () => Promise<boolean>): Promise<void> {
  while (!deadline.aborted && !(await holds().catch(() => false))) await delay(50);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function guide(site: DemoSite): string {
  const mbpoll = (as: string, to: string, rest: string): string =>
    `mbpoll -m tcp -p ${site.portOf(as, to)} -a 1 -0 ${rest}`;
  const listeners = site.listeners.map(({ as, to, port }) => `    127.0.0.1:${port}  ${as} → ${to}`);
  return `
Riverside water treatment, on this machine only. The policy is policy/examples/waterworks.zones.yaml.

  operator page   http://127.0.0.1:${site.page}/
  metrics         http://127.0.0.1:${site.metrics}/metrics

  Whoever connects to a listener is the asset it stands for:
${listeners.join('\n')}

  Ctrl-C ends everything. To try, with mbpoll (apt-get install mbpoll):

  a permitted read    hmi-1 reads the dose
    ${mbpoll('hmi-1', 'plc-dosing', '-t 4 -r 140 -c 1 -1 127.0.0.1')}
  a permitted write   scada-1 sets a flow setpoint
    ${mbpoll('scada-1', 'plc-dosing', '-t 4 -r 100 127.0.0.1 350')}
  a refused write     hmi-1 may not write: exception 01, and a line on the page
    ${mbpoll('hmi-1', 'plc-dosing', '-t 4 -r 100 127.0.0.1 350')}
  a refused write     scada-1 may, but not this value
    ${mbpoll('scada-1', 'plc-dosing', '-t 4 -r 100 127.0.0.1 2000')}
`;
}

function vendorGuide({ page, vendors }: DemoSite, people: readonly DemoPerson[]): string {
  const width = Math.max(...people.map(({ name }) => name.length)) + 2;
  const lines = people.map(
    ({ name, what, password, secret }) =>
      `    ${name.padEnd(width)}${what.padEnd(19)}${password}  npx penstock demo --code ${secret}`,
  );
  return `  A vendor's session, at http://127.0.0.1:${page}/ as three people (private windows keep them apart). Their passwords
  exist in this demo only; the command prints the code of the authenticator, each good once and for half a minute:
${lines.join('\n')}

  The vendor asks for plc-dosing, lead and otto approve, and the vendor's page gives the lines to copy. Until then
  nothing listens for vendors; afterwards TLS on port ${vendors.tls} or SSH on ${vendors.ssh} does. lead ends it with one button.
`;
}

const StartTimeout = 30_000;
