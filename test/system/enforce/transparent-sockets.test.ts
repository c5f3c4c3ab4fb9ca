import { afterAll, beforeAll, expect, test } from 'vitest';
import { InspectorMark } from '../../../gateway/ffi/socket.ts';
import { mustRunIn } from '../../plant/namespaces/exec.ts';
import { type Bench, HmiAddress, layBench, PlcAddress } from './bench.ts';

const ListenerPort = 15502;
let bench: Bench;

beforeAll(async () => {
  bench = await layBench();
  await mustRunIn(bench.gateway, 'ip', 'rule', 'add', 'fwmark', '0x1', 'lookup', '100');
  await mustRunIn(bench.gateway, 'ip', 'route', 'add', 'local', '0.0.0.0/0', 'dev', 'lo', 'table', '100');
  await mustRunIn(bench.gateway, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await bench.nft(Divert);
});

afterAll(() => bench.network.destroy());

test('the server sees the address and the port of the client itself', async () => {
  const server = bench.start(bench.plc, 'tcp-server.ts', 502);
  const diverter = bench.start(bench.gateway, 'diverter.ts', ListenerPort);
  await server.says(/ready/);
  await diverter.says(/ready/);
  const client = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 502);
  const [, port] = await client.says(/connected from 10\.20\.0\.10:(\d+)/);
  client.tell('hello');
  await client.says(/answer hello/);
  expect(server.output()).toContain(`accepted ${HmiAddress}:${port}`);
  expect(diverter.output()).toContain(`diverted ${HmiAddress}:${port} to ${PlcAddress}:502`);
  await Promise.all([client.stop(), diverter.stop(), server.stop()]);
});

test('the death of the process that inspects resets both ends at once and lets nothing past', async () => {
  const server = bench.start(bench.plc, 'tcp-server.ts', 502);
  const diverter = bench.start(bench.gateway, 'diverter.ts', ListenerPort);
  await Promise.all([server.says(/ready/), diverter.says(/ready/)]);
  const client = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 502);
  await client.says(/connected/);
  client.tell('before');
  await client.says(/answer before/);

  diverter.kill('SIGKILL');
  await client.says(/failed ECONNRESET/);
  await server.says(/failed .* ECONNRESET/);

  // With no listener the packet is not diverted and comes to the forward chain, which must refuse it.
  const next = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 502);
  await next.says(/failed ECONNREFUSED/);
  expect(server.output().match(/accepted/g)).toHaveLength(1);
  expect(await bench.nft('list chain inet bench forward')).toMatch(/counter packets [1-9]/);
  await server.stop();
});

test('a client port that is taken here is given up, the client address is not', async () => {
  const server = bench.start(bench.plc, 'tcp-server.ts', 502);
  const diverter = bench.start(bench.gateway, 'diverter.ts', ListenerPort);
  await Promise.all([server.says(/ready/), diverter.says(/ready/)]);
  const squatter = bench.start(bench.gateway, 'squatter.ts', HmiAddress, 20502);
  await squatter.says(/ready/);
  const client = bench.start(bench.hmi, 'tcp-client.ts', PlcAddress, 502, 20502);
  await client.says(/connected from 10\.20\.0\.10:20502/);
  client.tell('hello');
  await client.says(/answer hello/);
  const [, port] = await server.says(/accepted 10\.20\.0\.10:(\d+)/);
  expect(port).not.toBe('20502');
  await Promise.all([client.stop(), squatter.stop(), diverter.stop(), server.stop()]);
});

const Divert = `
table inet bench {
  chain untracked { type filter hook prerouting priority raw; policy accept;
    tcp dport 502 notrack
    tcp sport 502 notrack
  }
  chain untracked_out { type filter hook output priority raw; policy accept;
    tcp dport 502 notrack
    tcp sport 502 notrack
  }
  chain divert { type filter hook prerouting priority mangle; policy accept;
    iifname "proc0" tcp sport 502 socket transparent 1 socket wildcard 0 meta mark set 0x1 accept
    iifname "sup0" tcp dport 502 socket transparent 1 socket wildcard 0 meta mark set 0x1 accept
    iifname "sup0" tcp dport 502 tproxy ip to 127.0.0.1:${ListenerPort} meta mark set 0x1 accept
  }
  chain input { type filter hook input priority filter; policy drop;
    iif lo accept
    meta mark 0x1 meta l4proto tcp accept
  }
  chain output { type filter hook output priority filter; policy drop;
    oif lo accept
    meta mark ${InspectorMark} accept
    tcp sport 502 tcp flags rst accept
  }
  chain forward { type filter hook forward priority filter; policy drop;
    tcp dport 502 counter reject with tcp reset
  }
}
`;
