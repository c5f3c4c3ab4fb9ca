import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestAuthority, type TestIdentity } from './certificates.ts';
import { type FakeEngine, startFakeEngine } from './fake-engine.ts';

const Dosing = 'pumpco/plc-dosing.502';
const Intake = 'pumpco/plc-intake.502';

let engine: FakeEngine;
beforeEach(async () => {
  engine = await startFakeEngine();
});
afterEach(() => engine.close());

async function port(): Promise<number> {
  return vi.waitUntil(() => engine.carriers.listening().tls);
}

async function open(identity: Partial<TestIdentity> = {}, more: ConnectionOptions = {}): Promise<Client> {
  const { certificate: cert, key } = identity;
  return clientOf(
    connect({
      host: '127.0.0.1',
      port: await port(),
      ca: engine.authority.certificate,
      ...(cert === undefined ? {} : { cert, key }),
      allowHalfOpen: true,
      ...more,
    } as ConnectionOptions),
  );
}

/** What one connection heard and how it ended. */
interface Client {
  readonly socket: TLSSocket;
  readonly heard: () => string;
  readonly says: (text: string) => Promise<void>;
  /** `end` or the code of the error. */
  readonly ended: Promise<string>;
}

function clientOf(socket: TLSSocket): Client {
  let heard = '';
  socket.on('data', (piece) => {
    heard += piece.toString('latin1');
  });
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('end', () => resolve('end'));
    socket.once('close', () => resolve('close'));
  });
  return {
    socket,
    heard: () => heard,
    says: (text) => vi.waitUntil(() => heard.includes(text), { timeout: 10_000 }).then(() => undefined),
    ended,
  };
}

/** It ends without a byte. */
async function refused(client: Client): Promise<void> {
  await client.ended;
  expect(client.heard()).toBe('');
}

describe('a listener', () => {
  test('is there only while a grant for it is open', async () => {
    expect(engine.carriers.listening()).toEqual({ tls: undefined, ssh: undefined });
    await engine.grantTls('G-AAAA', [Dosing]);
    const at = await port();
    expect(engine.carriers.listening().ssh).toBeUndefined();
    engine.end('G-AAAA');
    expect(engine.carriers.listening().tls).toBeUndefined();
    const late = connectTcp(at, '127.0.0.1');
    const [error] = await once(late, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('a vendor with the certificate of an open grant', () => {
  test('reaches the first target where none is named, and the one that is', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing, Intake]);
    const first = await open(identity);
    await first.says(`${Dosing}\n`);
    const second = await open(identity, {
      servername: 'plc-intake-502.penstock',
      checkServerIdentity: () => undefined,
    });
    await second.says(`${Intake}\n`);
    second.socket.write('hello');
    await second.says('hello');
    const asked = engine.called.filter(({ name }) => name === 'carrier-open');
    expect(asked[0]).toMatchObject({
      asks: { carrier: 'tls', grant: 'G-AAAA', target: Dosing, proof: identity.fingerprint },
      who: { session: '', source: { address: '127.0.0.1', port: first.socket.localPort } },
    });
  });

  test('is not led to another target when it mistypes one', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    const mistyped = await open(identity, {
      servername: 'plc-dozing-502.penstock',
      checkServerIdentity: () => undefined,
    });
    await refused(mistyped);
    expect(engine.channels).toEqual([]);
  });

  test('may end its own half and still hear the rest', async () => {
    engine.serve = (socket) => {
      let heard = '';
      socket.on('data', (piece) => {
        heard += piece.toString();
      });
      socket.on('end', () => socket.end(`all of: ${heard}`));
      socket.resume();
    };
    const client = await open(await engine.grantTls('G-AAAA', [Dosing]));
    client.socket.end('a request');
    await client.says('all of: a request');
    expect(await client.ended).toBe('end');
  });

  test('hears the end of a device, and what it says then still arrives there', async () => {
    let heard = '';
    engine.serve = (socket) => {
      socket.on('data', (piece) => {
        heard += piece.toString();
      });
      socket.resume();
      socket.end('goodbye');
    };
    const client = await open(await engine.grantTls('G-AAAA', [Dosing]));
    await client.says('goodbye');
    expect(await client.ended).toBe('end');
    client.socket.end('last words');
    await vi.waitUntil(() => heard === 'last words');
  });

  test('is held up by a device that does not read, and loses nothing', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    let read = 0;
    engine.serve = (socket) => {
      socket.pause();
    };
    const client = await open(identity);
    await vi.waitUntil(() => engine.channels.length === 1);
    const total = 32 * 1024 * 1024;
    client.socket.write(Buffer.alloc(total));
    const device = engine.channels[0]?.socket;
    // The device reads nothing yet: most of it has to wait on the vendor's side.
    await vi.waitUntil(() => client.socket.bytesWritten > 0);
    expect(client.socket.writableLength).toBeGreaterThan(total / 2);
    device?.on('data', (piece) => {
      read += piece.length;
    });
    device?.resume();
    await vi.waitUntil(() => read === total, { timeout: 20_000 });
  });
});

describe('nobody comes in', () => {
  test('without a certificate', async () => {
    await engine.grantTls('G-AAAA', [Dosing]);
    const client = await open();
    await refused(client);
    expect(engine.called).toEqual([]);
  });

  test('with a certificate of another authority, also if the engine named its fingerprint', async () => {
    await engine.grantTls('G-AAAA', [Dosing]);
    const foreign = await (await createTestAuthority()).client('G-AAAA');
    engine.grants.push({
      grant: 'G-BBBB',
      carrier: 'tls',
      person: '',
      targets: [Dosing],
      certificate: foreign.fingerprint,
    });
    engine.tell();
    await refused(await open(foreign));
    expect(engine.called).toEqual([]);
  });

  test('with a certificate of our authority that is of no open grant', async () => {
    await engine.grantTls('G-AAAA', [Dosing]);
    const old = await engine.authority.client('G-AAAA');
    await refused(await open(old));
    expect(engine.called).toEqual([]);
  });

  test('with a certificate that has run out', async () => {
    await engine.grantTls('G-AAAA', [Dosing]);
    const late = await engine.authority.client('G-BBBB', -60_000);
    engine.grants.push({
      grant: 'G-BBBB',
      carrier: 'tls',
      person: '',
      targets: [Dosing],
      certificate: late.fingerprint,
    });
    engine.tell();
    await refused(await open(late));
    expect(engine.called).toEqual([]);
  });

  test('with TLS 1.2', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    const client = await open(identity, { maxVersion: 'TLSv1.2' });
    expect(await client.ended).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  test('where the engine refuses', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    await port();
    engine.grants.splice(0); // the engine knows better than the front
    await refused(await open(identity));
    expect(engine.channels).toEqual([]);
  });

  test('by a session of before: every connection shows its certificate', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    const client = await open(identity);
    const sessions: Buffer[] = [];
    client.socket.on('session', (session) => sessions.push(session));
    await client.says(Dosing);
    client.socket.write('x');
    await client.says('x');
    for (const session of sessions) {
      const again = await open(identity, { session });
      await again.says(Dosing);
      expect(again.socket.isSessionReused()).toBe(false);
    }
    const withoutKey = await open({}, { session: sessions[0] ?? Buffer.alloc(0) });
    await withoutKey.ended;
    expect(withoutKey.heard()).toBe('');
  });
});

describe('the end of a grant', () => {
  test('resets its connections before the news is done, and leaves the others alone', async () => {
    const ending = await open(await engine.grantTls('G-AAAA', [Dosing]));
    const staying = await open(await engine.grantTls('G-BBBB', [Intake]));
    await ending.says(Dosing);
    await staying.says(Intake);
    engine.end('G-AAAA');
    expect(await ending.ended).toBe('ECONNRESET');
    const device = engine.channels.find(({ target }) => target === Dosing)?.socket;
    await vi.waitUntil(() => device?.destroyed || device?.readableEnded);
    staying.socket.write('still here');
    await staying.says('still here');
  });

  test('delivers nothing any more of what lay in between', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    const client = await open(identity);
    await client.says(Dosing);
    client.socket.pause();
    engine.channels[0]?.socket.write(Buffer.alloc(32 * 1024 * 1024));
    await vi.waitUntil(() => (engine.channels[0]?.socket.writableLength ?? 0) > 0);
    engine.end('G-AAAA');
    client.socket.resume();
    expect(await client.ended).toBe('ECONNRESET');
  });

  test('while its channel is being opened lets nothing through', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    await engine.grantTls('G-BBBB', [Intake]);
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    engine.before = (name) => (name === 'carrier-open' ? held : Promise.resolve());
    const client = await open(identity);
    await vi.waitUntil(() => engine.called.some(({ name }) => name === 'carrier-open'));
    engine.end('G-AAAA');
    goOn();
    await refused(client);
    expect(engine.channels).toEqual([]);
  });

  test('makes its certificate worthless at once, while the listener stays for another grant', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    await engine.grantTls('G-BBBB', [Intake]);
    await (await open(identity)).says(Dosing);
    engine.end('G-AAAA');
    await refused(await open(identity));
    expect(engine.called.filter(({ name }) => name === 'carrier-open')).toHaveLength(1);
  });

  test('comes for all when the engine is lost', async () => {
    const client = await open(await engine.grantTls('G-AAAA', [Dosing]));
    await client.says(Dosing);
    engine.carriers.news(undefined);
    expect(await client.ended).toBe('ECONNRESET');
    expect(engine.carriers.listening().tls).toBeUndefined();
  });

  test('comes for two hundred idle connections as for one', async () => {
    const identity = await engine.grantTls('G-AAAA', [Dosing]);
    const clients: Client[] = [];
    for (let n = 0; n < 200; n += 8) {
      const some = await Promise.all(Array.from({ length: 8 }, () => open(identity)));
      await Promise.all(some.map((one) => one.says(Dosing)));
      clients.push(...some);
    }
    engine.end('G-AAAA');
    const ends = await Promise.all(clients.map(({ ended }) => ended));
    expect(new Set(ends)).toEqual(new Set(['ECONNRESET']));
  });
});

describe('bounds', () => {
  test('a source that says nothing gets a few places and no more, and they are given back', async () => {
    await engine.grantTls('G-AAAA', [Dosing]);
    const at = await port();
    const silent = Array.from({ length: 17 }, () => connectTcp(at, '127.0.0.1'));
    for (const one of silent) one.on('error', () => undefined);
    await vi.waitUntil(() => silent.some(({ destroyed }) => destroyed));
    expect(silent.filter(({ destroyed }) => !destroyed)).toHaveLength(16);
    for (const one of silent) one.destroy();
  });
});
