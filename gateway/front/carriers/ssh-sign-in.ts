import type { AuthContext, Connection, KeyboardAuthContext } from 'ssh2';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { type Asks, Calls } from '../../ipc/calls.ts';
import type { Peer } from '../../ipc/reports.ts';
import type { EngineAsker } from '../engine-asker.ts';
import { createSshPerson, type SshPerson } from './ssh-person.ts';

/** Wrong passwords or codes one connection may give. The engine counts for the account besides. */
const MaxFailures = 3;

/** Attempts of any kind one connection may make: clients try keys first, which are not taken here. */
const MaxAttempts = 20;

export interface SignInOptions {
  readonly engine: Pick<EngineAsker, 'call'>;
  readonly source: Peer;
  readonly client: Connection;
  /** Signed in, with something open at that moment. What it may use is asked again for each forward. */
  readonly onSignedIn: (person: SshPerson, open: ReadonlySet<string>) => void;
  /** Nothing more to say to this connection. */
  readonly onEnd: () => void;
}

/**
 * The dialogue before anything else: password and code, keyboard-interactive (RFC 4256), and no other method. It is
 * the engine's `sign-in`, with its lock-outs. Whoever has nothing open is told so and has to come again.
 */
export function signInOver({ engine, source, client, onSignedIn, onEnd }: SignInOptions): void {
  let attempts = 0;
  let failures = 0;
  let gone = false;
  /** The dialogue that goes on. */
  let present: AuthContext | undefined;
  client.once('close', () => {
    gone = true;
  });

  client.on('authentication', (context) => {
    attempts += 1;
    if (attempts > MaxAttempts) return onEnd();
    if (context.method !== 'keyboard-interactive') return context.reject(Methods);
    // One at a time: hashing a password costs, and answers must not cross.
    if (present !== undefined) return onEnd();
    present = context;
    void greet(context);
  });

  async function greet(context: KeyboardAuthContext): Promise<void> {
    const welcome = await engine.call('welcome', {}, { session: '', source, attended: false });
    const [title, banner] = welcome.ok ? [welcome.body.site, welcome.body.banner] : ['', ''];
    context.prompt(Prompts, plain(title), plain(banner), (answers: unknown) => void check(context, answers));
  }

  async function check(context: KeyboardAuthContext, answers: unknown): Promise<void> {
    const asks = asksOf(context.username, answers);
    const answer = asks && (await engine.call('sign-in', asks, { session: '', source, attended: true }));
    if (answer?.ok !== true) return refuse(context);
    const { session, me } = answer.body;
    const person = createSshPerson(engine, me.account.name, session, source);
    if (gone) return person.signOut();
    client.once('close', person.signOut);
    if (me.mustEnrol)
      return tell(context, 'This account has no second factor yet: add one on the page.', onEnd);
    const open = await person.open();
    if (open.length === 0) {
      return tell(context, 'You are signed in, and nothing is granted to you over SSH now.', onEnd);
    }
    const targets = open.flatMap((one) => one.targets.map(({ asset, port }) => `${asset}:${port}`));
    tell(context, `Open now: ${targets.join(', ')}`, () => {
      onSignedIn(person, new Set(open.map(({ grant }) => grant)));
      context.accept();
    });
  }

  function refuse(context: AuthContext): void {
    failures += 1;
    present = undefined;
    context.reject(failures < MaxFailures ? Methods : []);
    if (failures >= MaxFailures) onEnd();
  }
}

/** A message without a question; the client answers it by itself. */
function tell(context: KeyboardAuthContext, text: string, then: () => void): void {
  context.prompt([], '', `${text}\n`, () => then());
}

/** The call, or nothing where what was given is of no form that could be right. */
function asksOf(name: string, answers: unknown): Asks<'sign-in'> | undefined {
  if (!Array.isArray(answers) || answers.length !== Prompts.length) return undefined;
  const [password, typed]: readonly unknown[] = answers;
  const code = typeof typed === 'string' ? typed.replaceAll(' ', '') : typed;
  const asks = { name, password, second: code === '' ? { kind: 'none' } : { kind: 'totp', code } };
  return Check(SignInAsks, asks) ? asks : undefined;
}

/** A terminal shows it: nothing in it may steer one. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return text.replaceAll(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, ' ');
}

const Methods: 'keyboard-interactive'[] = ['keyboard-interactive'];
const Prompts = [
  { prompt: 'Password: ', echo: false },
  { prompt: 'Code of your authenticator: ', echo: true },
];
const SignInAsks = Type.Object(Calls['sign-in'].asks);
