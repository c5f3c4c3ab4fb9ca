import { execFileSync } from 'node:child_process';
import { renderReplace } from '../../../rules/nft/render.ts';
import type { Nft } from '../../enforce/kernel/nft.ts';
import { startNft } from '../../enforce/kernel/nft-process.ts';
import { GatewayError } from '../../errors.ts';
import { closeDescriptor } from '../../ffi/libc.ts';
import { openPacketLog } from '../../ffi/netlink.ts';
import { openTransparentListener, openUpstream } from '../../ffi/socket.ts';
import { KernelFeatures } from './kernel-features.ts';
import type { Trial } from './kernel-trials.ts';

/**
 * Tries what the kernel back end needs and prints one {@link Trial} per line. `apply` really does it and is
 * for a network namespace made for it; `check` only asks the kernel, and changes nothing where it stands.
 */
async function main(mode: string | undefined): Promise<void> {
  if (mode !== 'apply' && mode !== 'check') throw new Error('usage: kernel-probe-process.ts apply|check');
  // A child that dies fails the trial it was asked for, and that is what is reported.
  const nft = startNft(() => undefined);
  try {
    for (const { code, ruleset } of KernelFeatures) {
      const { nftables } = renderReplace(ruleset);
      report(code, await problemOf(() => (mode === 'apply' ? nft.apply(nftables) : nft.check(nftables))));
    }
    if (mode === 'apply') await tryOutsideNft(nft);
  } finally {
    nft.close();
  }
}

async function tryOutsideNft(nft: Nft): Promise<void> {
  await nft.apply([{ delete: { table: { family: 'inet', name: 'penstock' } } }]);
  ip('link set lo up');
  report('transparent-listener', await problemOf(() => closeDescriptor(openTransparentListener(15502))));
  const client = { address: '192.0.2.1', port: 40000 };
  report('transparent-upstream', await problemOf(() => closeDescriptor(openUpstream(client))));
  report('packet-log', await problemOf(() => closeDescriptor(openPacketLog(5))));
  report(
    'policy-routing',
    await problemOf(() => {
      ip('rule add fwmark 0x1 lookup 100');
      ip('route replace local 0.0.0.0/0 dev lo table 100');
    }),
  );
  report('vlan', await problemOf(() => ip('link add link lo name pstvlan type vlan id 7')));
  report('wireguard', await problemOf(() => ip('link add pstwg type wireguard')));
  report('tun', await problemOf(() => ip('tuntap add dev psttun mode tun')));
  report('flowtable', await problemOf(() => nft.apply(Flowtable)));
}

async function problemOf(act: () => unknown): Promise<string> {
  try {
    await act();
    return '';
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'PST_ERR_NFT_LIBRARY') fail(error);
    return error instanceof Error ? firstLine(error) : String(error);
  }
}

/** Without the library nothing else can be tried. */
function fail(error: GatewayError): never {
  report('libnftables', error.message);
  process.exit(0);
}

function ip(command: string): void {
  execFileSync('ip', command.split(' '), { stdio: ['ignore', 'ignore', 'pipe'], timeout: 5000 });
}

function firstLine(error: Error): string {
  const stderr: unknown = Reflect.get(error, 'stderr');
  const text = stderr instanceof Uint8Array && stderr.length > 0 ? String(stderr) : error.message;
  const [line = ''] = text.trim().split('\n');
  return line.replace(/^.*\bError: /, '');
}

function report(code: string, problem: string): void {
  const trial: Trial = { code, problem };
  console.log(JSON.stringify(trial));
}

/** Not part of our ruleset yet: a short cut for flows that are not inspected. */
const Flowtable = [
  { add: { table: { family: 'inet', name: 'penstock' } } },
  {
    add: {
      flowtable: { family: 'inet', table: 'penstock', name: 'fast', hook: 'ingress', prio: 0, dev: ['lo'] },
    },
  },
];

await main(process.argv[2]);
