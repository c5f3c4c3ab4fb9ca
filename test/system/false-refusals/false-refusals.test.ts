import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, runIn } from '../../plant/namespaces/exec.ts';
import { type Bench, client, compileClient, openBench } from '../bench.ts';
import { eventually } from '../eventually.ts';
import { recordsOnDisk } from '../records-on-disk.ts';
import { lacks } from '../tools.ts';
import { type Entry, type Said, speak, unusual } from './speak.ts';
import { type ClientStack, Clients, type Programs, type ServerStack, Servers } from './stacks.ts';

/** How much is said: 1 is some 10 000 requests, the slow suite takes a million. */
const Size = Number(process.env['PENSTOCK_FALSE_REFUSALS'] ?? 1);
const Rounds = Math.ceil(21 * Size);
/** The servers of every run; the others are for CI. */
const Usual = ['libmodbus', 'a server of every function'];
const Patience = 60_000 * (1 + Size);
const Port = 502;

let bench: Bench;
let programs: Programs;
let requests = 0;
/** Servers of which they are. */
const heard = new Set<string>();

beforeAll(async () => {
  bench = await openBench(fileURLToPath(new URL('every-function.zones.yaml', import.meta.url)));
  const { folder } = bench.network;
  programs = {
    libmodbusClient: await compileClient('libmodbus-client', folder),
    libmodbusServer: await compileClient('libmodbus-server', folder),
  };
});

afterAll(() => bench?.close());

describe.skipIf(lacks('libmodbus', 'pymodbus', 'mbpoll'))('ordinary use', () => {
  for (const stack of Servers) {
    const clients = Clients.filter(({ name }) => stack.clients.length === 0 || stack.clients.includes(name));

    const tags = Usual.includes(stack.name) ? [] : ['deep'];

    describe(`of ${stack.name} is the same through the gateway as directly`, { tags }, () => {
      let direct: readonly Said[];
      let through: readonly Said[];

      // Each time a server that nobody has written to yet.
      beforeAll(async () => {
        direct = await withServer(stack, () => inTurn(clients, 'server', stack.words));
        through = await withServer(stack, () => inTurn(clients, 'client', stack.words));
      }, 2 * Patience);

      for (const [index, { name }] of clients.entries()) {
        test(`for ${name}`, () => {
          expect(through[index]).toEqual(direct[index]);
          expect(direct[index]?.failures).toEqual([]);
          requests += direct[index]?.requests ?? 0;
          heard.add(stack.name);
        });
      }
    });
  }

  test(
    'of all of them at once on one server is the same as of each alone',
    async () => {
      const [stack] = Servers.filter(({ words }) => words.includes('whole'));
      if (stack === undefined) throw new Error('there is no server of every function');
      // What counts requests, as diagnostics do, counts those of all clients.
      const words = ['server-id', 'masks', 'identification', 'files', 'custom'];
      const direct = await withServer(stack, () => inTurn(Clients, 'server', words));
      const through = await withServer(stack, () =>
        Promise.all(Clients.map((one) => say(one, 'client', words))),
      );
      expect(through).toEqual(direct);
    },
    2 * Patience,
  );

  test(
    'of a poller that goes on for a while is the same, and no poll is lost',
    async () => {
      const [stack] = Servers;
      if (stack === undefined) throw new Error('there is no server');
      const poll = ['timeout', '-s', 'INT', `${2 * Size}`, 'mbpoll', '-m', 'tcp', '-a', '1', '-0'];
      const options = ['-t', '3', '-r', '7', '-c', '50', '-l', '20', bench.network.address('server')];
      const seen = await withServer(stack, async () => {
        const asked = (from: string) =>
          runIn(bench.network.of(from), [...poll, ...options], { patience: Patience });
        return [await asked('server'), await asked('client')].map(({ stdout }) => stdout);
      });
      const [direct, through] = seen.map((said) => new Set(said.match(/^\[\d+\]:.*$/gm)));
      expect(through).toEqual(direct);
      expect(through?.size).toBe(50);
      for (const said of seen) {
        const [, sent, received] = /(\d+) frames transmitted, (\d+) received, 0 errors/.exec(said) ?? [];
        // The last one it may not have waited for.
        expect(Number(sent) - Number(received)).toBeLessThanOrEqual(1);
      }
    },
    2 * Patience,
  );

  test(
    'of a client with far more under way than the flow permits is the same, only held back',
    async () => {
      const [stack] = Servers.filter(({ words }) => words.includes('whole'));
      if (stack === undefined) throw new Error('there is no server of every function');
      const address = bench.network.address('server');
      const flood = [
        process.execPath,
        client('pipelining-client.ts'),
        address,
        `${Port}`,
        '2000',
        '500',
        'whole',
      ];
      const said = (from: string) =>
        withServer(stack, () => runIn(bench.network.of(from), flood, { patience: Patience }));
      expect(await said('client')).toEqual(await said('server'));
    },
    2 * Patience,
  );

  test('shows a server the address of its client and not the gateway', async () => {
    const [stack] = Servers.filter(({ name }) => name === 'libmodbus');
    const [libmodbus] = Clients.filter(({ name }) => name === 'libmodbus');
    if (stack === undefined || libmodbus === undefined) throw new Error('there is no libmodbus');
    const seen = await withServer(stack, async (server) => {
      await say(libmodbus, 'client', []);
      return [...server.output().matchAll(/client ([\d.]+):/g)].map(([, address]) => address);
    });
    expect(new Set(seen)).toEqual(new Set([bench.network.address('client')]));
  });

  test('leaves no refusal in the records, nothing put aside and no connection cut', async () => {
    const found = await eventually('the record of every connection', async () => {
      const all = await recordsOnDisk<Entry>(bench.site);
      const counted = all.reduce((sum, { requests: count = 0 }) => sum + count, 0);
      return counted >= requests ? all : undefined;
    });
    expect(unusual(found)).toEqual([]);
    expect(requests).toBeGreaterThanOrEqual(heard.size === Servers.length ? 10_000 * Size : 1);
    console.log(`${requests} requests through the gateway, 0 refused`);
  });

  // The last: here something is refused.
  test.each([
    {
      what: 'a float, high word first',
      options: ['-t', '4:float', '-B', '-r', '100'],
      good: '3.25',
      bad: '101',
    },
    { what: 'a float, low word first', options: ['-t', '4:float', '-r', '110'], good: '99.5', bad: '-1' },
    {
      what: 'a signed number of 32 bits',
      options: ['-t', '4:int', '-B', '-r', '120'],
      good: '-5',
      bad: '-11',
    },
    {
      what: 'a number of 32 bits, low word first',
      options: ['-t', '4:int', '-r', '130'],
      good: '123456',
      bad: '200001',
    },
    { what: 'a register', options: ['-t', '4', '-r', '140'], good: '35', bad: '36' },
  ])('is judged by the value that mbpoll means: $what', async ({ options, good, bad }) => {
    const [stack] = Servers;
    if (stack === undefined) throw new Error('there is no server');
    const call = ['mbpoll', '-m', 'tcp', '-a', '1', '-0', '-1', ...options, bench.network.address('server')];
    await withServer(stack, async () => {
      const write = async (value: string) => {
        const said = await runIn(bench.network.of('operator'), [...call, '--', value]);
        return said.stdout + said.stderr;
      };
      expect(await write(good)).toContain('Written 1 references.');
      const read = await runIn(bench.network.of('operator'), call);
      expect(read.stdout).toMatch(new RegExp(`^\\[\\d+\\]:\\s+${good}0*$`, 'm'));
      expect(await write(bad)).toContain('Illegal data value');
      expect((await runIn(bench.network.of('operator'), call)).stdout).toBe(read.stdout);
    });
  });
});

async function withServer<T>(stack: ServerStack, act: (server: Running) => Promise<T>): Promise<T> {
  const address = bench.network.address('server');
  const server: Running = bench.at('server', ...stack.command(programs, address, Port));
  try {
    await eventually(`${stack.name} listens`, async () => {
      const { stdout } = await runIn(bench.network.of('server'), ['ss', '-Htln', `sport = :${Port}`]);
      return stdout !== '' || undefined;
    });
    return await act(server);
  } finally {
    await server.stop();
  }
}

async function inTurn(
  clients: readonly ClientStack[],
  from: string,
  words: readonly string[],
): Promise<Said[]> {
  const said: Said[] = [];
  for (const one of clients) said.push(await say(one, from, words));
  return said;
}

/** Runs a client at an asset: beside the server, or behind the gateway. */
async function say(stack: ClientStack, from: string, words: readonly string[]): Promise<Said> {
  const run = (command: readonly string[]) => runIn(bench.network.of(from), command, { patience: Patience });
  const place = { run, address: bench.network.address('server'), port: Port };
  const said = await speak(stack, programs, place, words, Rounds);
  if (Size > 1) {
    console.log(`${stack.name}, ${from === 'server' ? 'directly' : 'through'}: ${said.requests} requests`);
  }
  return said;
}
