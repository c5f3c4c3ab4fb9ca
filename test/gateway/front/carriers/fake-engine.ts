import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { startCarriers } from '../../../../gateway/front/carriers/carriers.ts';
import type { CallAnswer, EngineAsker, Who } from '../../../../gateway/front/engine-asker.ts';
import type { Answers, Asks, CallName } from '../../../../gateway/ipc/calls.ts';
import type { CarriersNow } from '../../../../gateway/ipc/carriers-body.ts';
import { createLog } from '../../../../gateway/log.ts';
import { createTestAuthority, type TestAuthority, type TestIdentity } from './certificates.ts';

/** A grant as the engine behind the carriers knows it. */
export interface FakeGrant {
  readonly grant: string;
  readonly carrier: 'tls' | 'ssh';
  readonly person: string;
  readonly targets: readonly string[];
  readonly certificate: string;
}

/** A call as it arrived. */
export interface Called {
  readonly name: CallName;
  readonly asks: unknown;
  readonly who: Who;
}

/**
 * The engine's side of the carriers, which behaves: it knows grants, checks proof and sign-in, gives each token out
 * once, and its data socket echoes what comes as a device would answer, after the name of the target.
 */
export interface FakeEngine {
  readonly authority: TestAuthority;
  readonly carriers: ReturnType<typeof startCarriers>;
  readonly called: Called[];
  /** Data sockets that were opened with a good token, as the inspector sees them. */
  readonly channels: { readonly target: string; readonly socket: Socket }[];
  readonly grants: FakeGrant[];
  /** Name, password and code of the accounts. */
  readonly accounts: Map<string, { readonly password: string; code: string; mustEnrol?: boolean }>;
  /** Secrets of sign-ins that hold. */
  readonly sessions: Map<string, string>;
  /** Opens a grant over TLS and says so to the front. */
  readonly grantTls: (grant: string, targets: readonly string[]) => Promise<TestIdentity>;
  readonly grantSsh: (grant: string, person: string, targets: readonly string[]) => void;
  /** Ends a grant and says so to the front. */
  readonly end: (grant: string) => void;
  /** Tells the front what is open now. */
  readonly tell: () => void;
  /** Set to hold calls back until it is done. */
  before: (name: CallName) => Promise<void>;
  /** What becomes of an open data socket; echoes if not set. */
  serve: (socket: Socket, target: string) => void;
  readonly hostKey: string;
  readonly close: () => Promise<void>;
}

export async function startFakeEngine(): Promise<FakeEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'pst-carriers-'));
  const path = join(folder, 'data.sock');
  const authority = await createTestAuthority();
  const shown = await authority.server();
  const key = ssh2.utils.generateKeyPairSync('ed25519');
  const tokens = new Map<string, string>();
  const sockets = new Set<Socket>();
  let number = 0;

  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', (said) => {
      const token = said.toString();
      const target = tokens.get(token);
      tokens.delete(token);
      if (target === undefined) return void socket.destroy();
      socket.pause();
      engine.channels.push({ target, socket });
      socket.write('+');
      engine.serve(socket, target);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));

  const engine: FakeEngine = {
    authority,
    called: [],
    channels: [],
    grants: [],
    accounts: new Map([['service-1@pumpco.example', { password: 'a long pass phrase', code: '123456' }]]),
    sessions: new Map(),
    hostKey: key.public,
    before: async () => undefined,
    serve: (socket, target) => {
      socket.write(`${target}\n`);
      socket.pipe(socket);
    },
    carriers: startCarriers({
      listen: { tls: Loopback, ssh: Loopback, targets: [], keySwitch: 'none' },
      engine: { call: call as EngineAsker['call'] },
      log: createLog(
        'test',
        process.env['PENSTOCK_LOG'] === undefined ? ({ write: () => true } as never) : process.stderr,
      ),
    }),
    grantTls: async (grant, targets) => {
      const identity = await authority.client(grant);
      engine.grants.push({ grant, carrier: 'tls', person: '', targets, certificate: identity.fingerprint });
      engine.tell();
      return identity;
    },
    grantSsh: (grant, person, targets) => {
      engine.grants.push({ grant, carrier: 'ssh', person, targets, certificate: '' });
      engine.tell();
    },
    end: (grant) => {
      engine.grants.splice(0, engine.grants.length, ...engine.grants.filter((one) => one.grant !== grant));
      engine.tell();
    },
    tell: () => {
      const now: CarriersNow = {
        kind: 'carriers',
        grants: engine.grants.map(({ grant, carrier, targets, certificate }) => ({
          grant,
          carrier,
          targets: [...targets],
          certificate,
        })),
        tls: { certificate: shown.certificate, key: shown.key, authority: authority.certificate },
        ssh: { key: key.private },
      };
      engine.carriers.news(now);
    },
    close: async () => {
      engine.carriers.close();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return engine;

  async function call<N extends CallName>(name: N, asks: Asks<N>, who: Who): Promise<CallAnswer<N>> {
    engine.called.push({ name, asks, who });
    await engine.before(name);
    const body = answer(name, asks as never, who);
    if (body !== undefined) return { ok: true, body: body as Answers<N> };
    const code = name === 'me' ? 'PST_NOT_SIGNED_IN' : 'PST_NOT_HERE';
    return { ok: false, problem: { code, sentence: 'No.', remedy: 'None.' } };
  }

  function answer(
    name: CallName,
    asks: Asks<'sign-in'> & Asks<'carrier-open'>,
    who: Who,
  ): object | undefined {
    const person = engine.sessions.get(who.session);
    if (name === 'welcome')
      return { site: 'bench', gateway: 'g', name: '', banner: 'For work only.', empty: false };
    if (name === 'sign-in') {
      const account = engine.accounts.get(asks.name);
      const code = asks.second.kind === 'totp' ? asks.second.code : '';
      if (account?.password !== asks.password || account.code !== code) return undefined;
      account.code = ''; // a code is good once
      number += 1;
      const session = `session-secret-${number}`;
      engine.sessions.set(session, asks.name);
      return {
        session,
        csrf: '',
        me: { account: { name: asks.name }, mustEnrol: account.mustEnrol === true },
      };
    }
    if (name === 'sign-out') return engine.sessions.delete(who.session) ? {} : undefined;
    if (name === 'me') return person === undefined ? undefined : { locked: false };
    if (name === 'carrier-grants') {
      if (person === undefined) return undefined;
      return engine.grants
        .filter((one) => one.carrier === 'ssh' && one.person === person)
        .map(({ grant, targets }) => ({
          grant,
          targets: targets.map((id) => {
            const [, asset = '', port = ''] = /\/(.*)\.(\d+)$/.exec(id) ?? [];
            return { id, asset, addresses: ['10.30.0.12/32'], port: Number(port) };
          }),
        }));
    }
    if (name === 'carrier-open') {
      const grant = engine.grants.find((one) => one.grant === asks.grant && one.carrier === asks.carrier);
      const proved = grant?.carrier === 'tls' ? asks.proof === grant.certificate : grant?.person === person;
      if (grant === undefined || !proved || !grant.targets.includes(asks.target)) return undefined;
      number += 1;
      const token = `${number}`.padStart(43, 't');
      tokens.set(`${token}\n`, asks.target);
      return { channel: `ch-${number}`, path, token };
    }
    throw new Error(`the carriers do not call ${name}`);
  }
}

const Loopback = { address: '127.0.0.1', port: 0 };
