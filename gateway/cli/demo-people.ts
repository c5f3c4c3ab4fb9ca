import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { codeAt, TotpStep } from '../accounts/totp.ts';
import type { Role } from '../ipc/account-body.ts';
import type { Answers, Asks } from '../ipc/calls.ts';
import { callAtConsole } from './console-call.ts';

/** Somebody who can sign in to the demo. Password and secret are random and told once, on the terminal. */
export interface DemoPerson {
  readonly name: string;
  readonly what: string;
  readonly password: string;
  /** Secret of the authenticator, base 32. */
  readonly secret: string;
}

/** Makes the accounts of the example: a vendor's engineer and the two people who let them in. */
export async function makeDemoPeople(config: string, page: number): Promise<readonly DemoPerson[]> {
  const made: DemoPerson[] = [];
  for (const { name, what, ...asks } of People) {
    const full = { name, fullName: what, endsAt: asks.vendor === '' ? 0 : Date.now() + Month, ...asks };
    const invited = await callAtConsole('account-add', full, { config, by: 'demo' });
    if (!invited.ok) throw new Error(`${name}: ${invited.sentence}`);
    const password = randomBytes(9).toString('base64url');
    const secret = await takeUp(`http://127.0.0.1:${page}`, { name, password, code: invited.body.code });
    made.push({ name, what, password, secret });
  }
  return made;
}

/** Does what a person does at the page: sets the password, then adds an authenticator. @returns its secret */
async function takeUp(page: string, asks: Asks<'accept-invitation'>): Promise<string> {
  let headers: Readonly<Record<string, string>> = {};
  const call = async <B>(name: string, body: object): Promise<B> => {
    const answer = await fetch(`${page}/api/calls/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`);
    const [cookie = ''] = answer.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
    if (cookie !== '') headers = { ...headers, cookie };
    return (await answer.json()) as B;
  };
  const { csrf } = await call<Answers<'accept-invitation'>>('accept-invitation', asks);
  headers = { ...headers, 'x-csrf': csrf };
  const { secret } = await call<Answers<'totp-begin'>>('totp-begin', {});
  // The code of before, so that the present one is still good for signing in; as the step ends it is soon too old.
  if (Date.now() % TotpStep > TotpStep - TooLate) await delay(TooLate);
  await call('totp-finish', { code: codeAt(secret, Date.now() - TotpStep), label: 'demo' });
  await call('sign-out', {});
  return secret;
}

const People: readonly {
  readonly name: string;
  readonly what: string;
  readonly roles: Role[];
  readonly duties: string[];
  readonly vendor: string;
}[] = [
  {
    name: 'service-1@pumpco.example',
    what: "vendor's engineer",
    roles: ['vendor'],
    duties: [],
    vendor: 'pumpco',
  },
  { name: 'lead', what: 'shift lead', roles: ['approver', 'operator'], duties: ['shift-lead'], vendor: '' },
  { name: 'otto', what: 'OT engineer', roles: ['approver', 'engineer'], duties: ['ot-engineer'], vendor: '' },
];

/** What a call may take on a busy machine, milliseconds. */
const TooLate = 2_000;

const Month = 30 * 86_400_000;
