import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mustRunIn, runIn } from '../../plant/namespaces/exec.ts';
import { processesIn } from '../../plant/namespaces/processes.ts';
import { type Bench, layBench, PlcAddress } from './bench.ts';
import { startEnforcer } from './enforcer.ts';
import { benchPolicy } from './policies.ts';

const EngineRights = ['net_admin', 'net_raw', 'net_bind_service'];
const Policy = benchPolicy({ id: 'F-01', protocol: 'icmp-echo' }, { id: 'F-02', port: 502, inspected: true });

let bench: Bench;

beforeEach(async () => {
  bench = await layBench();
});

afterEach(() => bench.network.destroy());

test.skipIf(!everybodyMayRead(import.meta.dirname))(
  'the rights of the engine are enough to enforce, and the drop reader has none of them',
  async () => {
    const enforcer = await startEnforcer(bench, EngineRights);
    await enforcer.apply(Policy);
    expect(await enforcer.verify()).toEqual([]);
    expect(await enforcer.alarms()).toEqual([]);
    await mustRunIn(bench.hmi, 'ping', '-q', '-c', '1', PlcAddress);
    expect((await runIn(bench.plc, ['ping', '-q', '-c', '1', '-W', '1', '10.20.0.10'])).status).toBe(1);
    await enforcer.process.says(/^drops .*"src":"10\.30\.0\.12"/m);
    expect(await rightsOf('nflog.ts')).toEqual(['0000000000000000']);
    expect(await rightsOf('nft-child.ts')).toEqual(['0000000000003400']);
  },
);

test.skipIf(!everybodyMayRead(import.meta.dirname))(
  'without CAP_NET_ADMIN the missing right is named and nothing is changed',
  async () => {
    const enforcer = await startEnforcer(bench, ['net_raw']);
    await expect(enforcer.apply(Policy)).rejects.toThrow('PST_ERR_CAPABILITY');
    expect((await mustRunIn(bench.gateway, 'nft', 'list', 'tables')).trim()).toBe('');
  },
);

/** Effective capabilities of the processes in the gateway that run this script. */
async function rightsOf(script: string): Promise<readonly string[]> {
  const processes = (await processesIn(bench.gateway)).filter(({ command }) => command.includes(script));
  return processes.map(
    ({ pid }) => /CapEff:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '',
  );
}

/** A checkout in a home folder may be closed to the user of no name that these tests become. */
function everybodyMayRead(folder: string): boolean {
  const isOpen = (statSync(folder).mode & 0o001) !== 0;
  return isOpen && (dirname(folder) === folder || everybodyMayRead(dirname(folder)));
}
