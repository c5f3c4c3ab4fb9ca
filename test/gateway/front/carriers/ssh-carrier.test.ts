import { connect as connectTcp } from 'node:net';
import ssh2, { type ClientChannel, type ConnectConfig } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FakeEngine, startFakeEngine } from './fake-engine.ts';

const Dosing = 'pumpco/plc-dosing.502';
const Intake = 'pumpco/plc-intake.502';
const Person = 'service-1@pumpco.example';
const Password = 'a long pass phrase';

let engine: FakeEngine;
const clients: ssh2.Client[] = [];
beforeEach(async () => {
  engine = await startFakeEngine();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await engine.close();
});

/** A client that answers the dialogue, and what it was told. */
interface Signing {
  readonly client: ssh2.Client;
  readonly told: string[];
  readonly prompts: string[];
  /** `ready`, or why it ended. */
  readonly outcome: Promise<string>;
  readonly closed: Promise<void>;
}

async function signIn(
  answers: readonly string[] = [Password, '123456'],
  more: ConnectConfig = {},
): Promise<Signing> {
  const port = await vi.waitUntil(() => engine.carriers.listening().ssh);
  const client = new ssh2.Client();
  clients.push(client);
  const told: string[] = [];
  const prompts: string[] = [];
  client.on('keyboard-interactive', (name, instructions, _lang, asked, finish) => {
    told.push(name, instructions);
    prompts.push(...asked.map(({ prompt }) => prompt));
    finish(asked.length === 0 ? [] : [...answers]);
  });
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const outcome = new Promise<string>((resolve) => {
    client.once('ready', () => resolve('ready'));
    client.on('error', (error) => resolve(error.message));
    client.once('close', () => resolve('closed'));
  });
  client.connect({ host: '127.0.0.1', port, username: Person, tryKeyboard: true, ...more });
  return { client, told, prompts, outcome, closed };
}

async function ready(): Promise<Signing> {
  const account = engine.accounts.get(Person);
  if (account !== undefined) account.code = '123456';
  const signing = await signIn();
  expect(await signing.outcome).toBe('ready');
  return signing;
}

/** `ssh -L`: a forward, or why it was refused. */
function forward({ client }: Signing, host: string, port: number): Promise<ClientChannel | string> {
  return new Promise((resolve) => {
    client.forwardOut('127.0.0.1', 40_000, host, port, (error, channel) =>
      resolve(error?.message ?? channel),
    );
  });
}

async function opened(signing: Signing, host = 'plc-dosing', port = 502): Promise<ClientChannel> {
  const channel = await forward(signing, host, port);
  if (typeof channel === 'string') throw new Error(channel);
  return channel;
}

/** Collects what a channel says. */
function hear(channel: ClientChannel): () => string {
  let heard = '';
  channel.on('data', (piece: Buffer) => {
    heard += piece.toString('latin1');
  });
  return () => heard;
}

describe('signing in', () => {
  test('asks for password and code, and shows the banner before', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const signing = await signIn();
    expect(await signing.outcome).toBe('ready');
    expect(signing.prompts).toEqual(['Password: ', 'Code of your authenticator: ']);
    expect(signing.told.slice(0, 2)).toEqual(['bench', 'For work only.']);
    expect(engine.called.find(({ name }) => name === 'sign-in')).toMatchObject({
      asks: { name: Person, password: Password, second: { kind: 'totp', code: '123456' } },
      who: { session: '', source: { address: '127.0.0.1' } },
    });
  });

  test.for([
    ['a wrong password', ['wrong', '123456']],
    ['a wrong code', [Password, '000000']],
    ['no code', [Password, '']],
    ['an answer too few', [Password]],
    ['a password beyond all measure', ['x'.repeat(20_000), '123456']],
  ] as const)('fails with %s, after three tries for good', async ([, answers]) => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const signing = await signIn(answers);
    expect(await signing.outcome).not.toBe('ready');
    expect(engine.called.filter(({ name }) => name === 'sign-in').length).toBeLessThanOrEqual(3);
    expect(engine.sessions.size).toBe(0);
  });

  test('takes a code once', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    expect(await (await signIn()).outcome).toBe('ready');
    expect(await (await signIn()).outcome).not.toBe('ready');
  });

  test('knows no other method', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const { private: privateKey } = ssh2.utils.generateKeyPairSync('ed25519');
    const tries = [
      { password: Password, tryKeyboard: false },
      { privateKey, tryKeyboard: false },
    ];
    for (const one of tries) expect(await (await signIn([], one)).outcome).not.toBe('ready');
    expect(engine.called.some(({ name }) => name === 'sign-in')).toBe(false);
  });

  test('with nothing open comes to nothing, and the sign-in ends', async () => {
    engine.grantSsh('G-AAAA', 'somebody.else', [Dosing]);
    const signing = await signIn();
    expect(await signing.outcome).not.toBe('ready');
    await vi.waitUntil(() => engine.sessions.size === 0);
  });

  test('ends with the connection', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const signing = await ready();
    expect(engine.sessions.size).toBe(1);
    signing.client.end();
    await vi.waitUntil(() => engine.sessions.size === 0);
  });

  test('offers no weak algorithm', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const weak = [
      { kex: ['diffie-hellman-group14-sha256'] },
      { cipher: ['aes128-cbc'] },
      { cipher: ['aes128-ctr'], hmac: ['hmac-sha1'] },
      { serverHostKey: ['rsa-sha2-256'] },
    ];
    for (const algorithms of weak) {
      const signing = await signIn([], { algorithms: algorithms as never });
      expect(await signing.outcome).toMatch(/Handshake failed|no matching/);
    }
  });
});

describe('a forward', () => {
  test.for(['plc-dosing', 'PLC-Dosing', '10.30.0.12'])(
    'to a target by %s carries bytes both ways',
    async (host) => {
      engine.grantSsh('G-AAAA', Person, [Dosing]);
      const channel = await opened(await ready(), host);
      const heard = hear(channel);
      await vi.waitUntil(() => heard() === `${Dosing}\n`);
      channel.write('hello');
      await vi.waitUntil(() => heard().endsWith('hello'));
      expect(engine.called.find(({ name }) => name === 'carrier-open')?.asks).toEqual({
        carrier: 'ssh',
        grant: 'G-AAAA',
        target: Dosing,
        proof: [...engine.sessions.keys()][0],
      });
    },
  );

  test.for([
    ['another port', 'plc-dosing', 22],
    ['another asset', 'plc-intake', 502],
    ['the box itself', '127.0.0.1', 502],
    ['a name that only begins like it', 'plc-dosing.example', 502],
  ] as const)('to %s is refused', async ([, host, port]) => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    expect(await forward(await ready(), host, port)).toMatch(/open failure/);
    expect(engine.channels).toEqual([]);
  });

  test('carries the end of each half', async () => {
    engine.serve = (socket) => {
      let heard = '';
      socket.on('data', (piece) => {
        heard += piece.toString();
      });
      socket.on('end', () => socket.end(`all of: ${heard}`));
      socket.resume();
    };
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const channel = await opened(await ready());
    const heard = hear(channel);
    channel.end('a request');
    await vi.waitUntil(() => heard() === 'all of: a request');
  });

  test('goes on in one direction when the device has ended its own', async () => {
    let heard = '';
    engine.serve = (socket) => {
      socket.on('data', (piece) => {
        heard += piece.toString();
      });
      socket.resume();
      socket.end('goodbye');
    };
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const channel = await opened(await ready());
    const said = hear(channel);
    const ended = new Promise((resolve) => channel.once('end', resolve));
    await ended;
    expect(said()).toBe('goodbye');
    channel.end('last words');
    await vi.waitUntil(() => heard === 'last words');
  });

  test('brings every byte of a large answer to a slow reader', async () => {
    const total = 16 * 1024 * 1024;
    engine.serve = (socket) => void socket.end(Buffer.alloc(total));
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const channel = await opened(await ready());
    // The client reads nothing yet: most of it has to wait on the device's side.
    await vi.waitUntil(() => (engine.channels[0]?.socket.bytesWritten ?? 0) > 0);
    expect(engine.channels[0]?.socket.writableLength).toBeGreaterThan(total / 2);
    let read = 0;
    channel.on('data', (piece: Buffer) => {
      read += piece.length;
    });
    await vi.waitUntil(() => read === total, { timeout: 20_000 });
  });
});

describe('nothing else is had', () => {
  test('no shell, command, file transfer, agent, X11, remote forward or local socket', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const { client } = await ready();
    const refusal = (ask: (done: (error: Error | null | undefined) => void) => void): Promise<string> =>
      new Promise((resolve) => ask((error) => resolve(error?.message ?? 'taken')));
    const all = await Promise.all([
      refusal((done) => client.shell((error) => done(error))),
      refusal((done) => client.exec('id', (error) => done(error))),
      refusal((done) => client.exec('id', { env: { LD_PRELOAD: 'x' } }, (error) => done(error))),
      refusal((done) => client.sftp((error) => done(error))),
      refusal((done) => client.subsys('netconf', (error) => done(error))),
      refusal((done) => client.forwardIn('127.0.0.1', 0, (error) => done(error))),
      refusal((done) => client.openssh_forwardInStreamLocal('/tmp/x', (error) => done(error))),
      refusal((done) => client.openssh_forwardOutStreamLocal('/run/penstock', (error) => done(error))),
    ]);
    expect(all.every((one) => one !== 'taken')).toBe(true);
  });
});

describe('a forward before its approval', () => {
  test('is refused, and stays so when the approval comes: Warpgate GHSA-xm63-rjwf-r3g8', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const signing = await ready();
    expect(await forward(signing, 'plc-intake', 502)).toMatch(/open failure/);
    engine.grantSsh('G-BBBB', Person, [Intake]);
    expect(engine.channels).toEqual([]);
    await opened(signing, 'plc-intake');
    expect(engine.channels.map(({ target }) => target)).toEqual([Intake]);
  });

  test('while somebody has not signed in yet is refused and never opened afterwards', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const port = await vi.waitUntil(() => engine.carriers.listening().ssh);
    const client = new ssh2.Client();
    clients.push(client);
    let early = '';
    const ready = new Promise<void>((resolve) => client.once('ready', resolve));
    client.on('keyboard-interactive', (_n, _i, _l, asked, finish) => {
      if (asked.length > 0) {
        // Asked for in the middle of the dialogue, by a client that does not wait to be let in.
        const protocol = (
          client as unknown as { readonly _protocol: { directTcpip: (...all: readonly unknown[]) => void } }
        )._protocol;
        protocol.directTcpip(7, 2 ** 21, 32_768, {
          srcIP: '127.0.0.1',
          srcPort: 1,
          dstIP: 'plc-dosing',
          dstPort: 502,
        });
        early = 'asked';
      }
      finish(asked.length === 0 ? [] : [Password, '123456']);
    });
    client.connect({ host: '127.0.0.1', port, username: Person, tryKeyboard: true });
    await ready;
    expect(early).toBe('asked');
    expect(engine.called.some(({ name }) => name === 'carrier-open')).toBe(false);
    expect(engine.channels).toEqual([]);
  });

  test('that is asked for while the grant ends comes to nothing', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    engine.grantSsh('G-CCCC', 'somebody.else', [Intake]);
    const signing = await ready();
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    engine.before = (name) => (name === 'carrier-open' ? held : Promise.resolve());
    void forward(signing, 'plc-dosing', 502);
    await vi.waitUntil(() => engine.called.some(({ name }) => name === 'carrier-open'));
    engine.end('G-AAAA');
    goOn();
    await signing.closed;
    expect(engine.channels).toEqual([]);
  });
});

describe('the end of a grant', () => {
  test('resets the connection and its forwards, and leaves those of others alone', async () => {
    engine.accounts.set('other@pumpco.example', { password: Password, code: '123456' });
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    engine.grantSsh('G-BBBB', 'other@pumpco.example', [Intake]);
    const ending = await ready();
    const staying = await signIn(undefined, { username: 'other@pumpco.example' });
    expect(await staying.outcome).toBe('ready');
    await opened(ending);
    const channel = await opened(staying, 'plc-intake');
    const heard = hear(channel);
    engine.end('G-AAAA');
    await ending.closed;
    const device = engine.channels.find(({ target }) => target === Dosing)?.socket;
    await vi.waitUntil(() => device?.destroyed || device?.readableEnded);
    channel.write('still here');
    await vi.waitUntil(() => heard().endsWith('still here'));
  });

  test('ends a connection that has opened nothing yet', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    engine.grantSsh('G-BBBB', 'somebody.else', [Intake]);
    const signing = await ready();
    engine.end('G-AAAA');
    await signing.closed;
    await vi.waitUntil(() => engine.sessions.size === 0);
  });

  test('closes the listener and whoever is still signing in', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const port = await vi.waitUntil(() => engine.carriers.listening().ssh);
    const stranger = connectTcp(port, '127.0.0.1');
    stranger.on('error', () => undefined);
    await new Promise((resolve) => stranger.once('data', resolve));
    engine.end('G-AAAA');
    await vi.waitUntil(() => stranger.destroyed);
    expect(engine.carriers.listening().ssh).toBeUndefined();
  });

  test('comes for all when the engine is lost', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const signing = await ready();
    await opened(signing);
    engine.carriers.news(undefined);
    await signing.closed;
  });

  test('and of a sign-in are seen by an idle connection too: OpenZiti #3927, #3987, #4322', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const signing = await ready();
    await opened(signing);
    engine.sessions.clear();
    await signing.closed;
  });
});

describe('bounds', () => {
  test('a client that ignores its window is thrown out before it fills the memory', async () => {
    engine.serve = (socket) => void socket.pause();
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const signing = await ready();
    const channel = await opened(signing);
    const outgoing = (channel as unknown as { readonly outgoing: { window: number } }).outgoing;
    const flood = setInterval(() => {
      outgoing.window = 2 ** 30;
      channel.write(Buffer.alloc(250_001)); // a window that is hit to the byte would be noticed by ssh2
    }, 1);
    await signing.closed;
    clearInterval(flood);
  });

  test('one connection has a bounded number of forwards', async () => {
    engine.grantSsh('G-AAAA', Person, [Dosing]);
    const signing = await ready();
    const all = await Promise.all(Array.from({ length: 20 }, () => forward(signing, 'plc-dosing', 502)));
    expect(all.filter((one) => typeof one !== 'string')).toHaveLength(16);
  });
});
