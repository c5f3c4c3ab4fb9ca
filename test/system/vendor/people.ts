import { createHmac } from 'node:crypto';
import { askEngine } from '../../../gateway/cli/engine-client.ts';
import { readConfig } from '../../../gateway/config.ts';
import { type EngineAsker, openEngineAsker } from '../../../gateway/front/engine-asker.ts';
import type { Role } from '../../../gateway/ipc/account-body.ts';
import { type Answers, type Asks, type Call, type CallName, Calls } from '../../../gateway/ipc/calls.ts';
import { controlSocket, frontSocket } from '../../../gateway/run/processes.ts';
import { createSoftPasskey, type SoftPasskey } from '../../gateway/accounts/soft-passkey.ts';

/** Somebody with an account, signed in at the page with a passkey. */
export interface Person {
  readonly name: string;
  readonly password: string;
  session: string;
  readonly passkey: SoftPasskey;
  /** Base 32, for those who use an authenticator. */
  readonly totp: string;
}

/** The people around one gateway, calling its engine as its page does. */
export interface People {
  readonly call: <N extends CallName>(name: N, asks: Asks<N>, who?: Person) => Promise<Answers<N>>;
  /** The same, and what it is refused for: the code, or `done`. */
  readonly tries: <N extends CallName>(name: N, asks: Asks<N>, who?: Person) => Promise<string>;
  readonly atConsole: <N extends CallName>(name: N, asks: Asks<N>) => Promise<Answers<N>>;
  readonly add: (
    name: string,
    roles: readonly Role[],
    more?: Partial<Asks<'account-add'>>,
  ) => Promise<Person>;
  /** Signs in again, after a restart of the engine. */
  readonly signIn: (person: Person) => Promise<void>;
  /** Approves a grant with a passkey. */
  readonly approve: (person: Person, grant: string) => Promise<Answers<'grant-approve'>>;
  /** Lets go of the engine, which takes this for a front, until `come`. */
  readonly leave: () => void;
  readonly come: () => void;
  readonly close: () => void;
}

/** Where the page is opened: what passkeys are bound to. */
const Origin = 'http://localhost:8080';
const Source = { address: '10.62.20.10', port: 40_000 } as const;

export async function meetPeople(configFile: string): Promise<People> {
  const config = readConfig(configFile);
  let engine: EngineAsker = openEngineAsker(frontSocket(config));

  async function ask<N extends CallName>(name: N, asks: Asks<N>, session = '') {
    return engine.call(name, asks, { session, source: Source, attended: true });
  }

  async function must<N extends CallName>(name: N, asks: Asks<N>, session = ''): Promise<Answers<N>> {
    const answer = await ask(name, asks, session);
    if (!answer.ok) throw new Error(`${name}: ${answer.problem.code} ${answer.problem.sentence}`);
    return answer.body;
  }

  async function atConsole<N extends CallName>(name: N, asks: Asks<N>): Promise<Answers<N>> {
    const call = { name, with: asks } as Call;
    const message = { kind: 'call', id: 1, by: 'root', call } as const;
    const answer = await askEngine(controlSocket(config), message, Calls[name].answers);
    if (!answer.ok) throw new Error(`${name} at the console: ${answer.code} ${answer.sentence}`);
    return answer.body as Answers<N>;
  }

  /** Takes an invitation up: password, passkey, authenticator. */
  async function enrol({ name, code }: { readonly name: string; readonly code: string }): Promise<Person> {
    const password = `${name}: thirteen pumps hum at night`;
    const { session } = await must('accept-invitation', { name, code, password });
    const passkey = createSoftPasskey(Origin);
    const { options } = await must('passkey-begin', {}, session);
    await must('passkey-finish', { response: passkey.enrol(options), label: 'key' }, session);
    const { secret } = await must('totp-begin', {}, session);
    await must('totp-finish', { code: totpCode(secret, -1), label: 'phone' }, session);
    return { name, password, session, passkey, totp: secret };
  }

  return {
    atConsole,
    call: (name, asks, who) => must(name, asks, who?.session),
    tries: async (name, asks, who) => {
      const answer = await ask(name, asks, who?.session);
      return answer.ok ? 'done' : answer.problem.code;
    },
    add: async (name, roles, more = {}) => {
      const vendor = more.vendor ?? '';
      const endsAt = vendor === '' ? 0 : Date.now() + 30 * 86_400_000;
      const asks = {
        name,
        fullName: `${name} in full`,
        roles: [...roles],
        duties: [],
        vendor,
        endsAt,
        ...more,
      };
      return enrol(
        name === FirstAdministrator
          ? await atConsole('first-administrator', { name, fullName: 'Ada Lind' })
          : await atConsole('account-add', asks),
      );
    },
    signIn: async (person) => {
      const { name, password, passkey } = person;
      const { options } = await must('sign-in-options', { name });
      const second = { kind: 'passkey', response: passkey.answer(options) } as const;
      person.session = (await must('sign-in', { name, password, second })).session;
    },
    approve: async (person, grant) => {
      const { digest } = await must('grant', { grant }, person.session);
      const { options } = await must('grant-challenge', { grant }, person.session);
      const second = { kind: 'passkey', response: person.passkey.answer(options) } as const;
      return must('grant-approve', { grant, digest, second }, person.session);
    },
    leave: () => engine.close(),
    come: () => {
      engine = openEngineAsker(frontSocket(config));
    },
    close: () => engine.close(),
  };
}

export const FirstAdministrator = 'ada';

/** RFC 6238 with SHA-1, six digits, half a minute; `steps` from now. Written here: what is tested does not test itself. */
export function totpCode(secret: string, steps = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 0x0f;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const bits = [...text.replaceAll('=', '')]
    .map((letter) => Alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

const Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
