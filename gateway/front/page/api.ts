import type { MeBody } from '../../ipc/account-body.ts';
import type { Answers, Asks, CallName } from '../../ipc/calls.ts';

/** Why something was not done, for the person who asked. */
export interface Trouble {
  readonly status: number;
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
}

export type Called<Body> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly trouble: Trouble };

/** A sign-in as this page knows it: its secret is in a cookie that no script sees. */
export interface SignedIn {
  readonly csrf: string;
  readonly me: MeBody;
}

/** Calls the engine through the page's own server. Never throws. */
export interface Api {
  readonly call: <N extends CallName>(name: N, asks: Asks<N>) => Promise<Called<Answers<N>>>;
  /** `sign-in` and `accept-invitation`: from then on calls are made as this person. */
  readonly signIn: <N extends 'sign-in' | 'accept-invitation'>(
    name: N,
    asks: Asks<N>,
  ) => Promise<Called<SignedIn>>;
  /** Who is signed in with the cookie this browser holds. */
  readonly whoAmI: () => Promise<Called<SignedIn>>;
  readonly read: <Body>(path: string) => Promise<Called<Body>>;
}

/** @param onNobody told whenever a call shows that nobody is signed in (any more), or that the screen is locked */
export function openApi(onNobody: (trouble: Trouble) => void): Api {
  let token = '';

  async function ask<Body>(
    path: string,
    init: RequestInit,
    patience: number,
    onNone = onNobody,
  ): Promise<Called<Body>> {
    try {
      const response = await fetch(path, { ...init, signal: AbortSignal.timeout(patience) });
      const body: unknown = await response.json();
      // Served by the process that served this page, with the same schemas.
      if (response.ok) return { ok: true, body: body as Body };
      const trouble = troubleOf(body, response.status);
      if (trouble.code === 'PST_NOT_SIGNED_IN' || trouble.code === 'PST_SCREEN_LOCKED') onNone(trouble);
      return { ok: false, trouble };
    } catch {
      return { ok: false, trouble: Silent };
    }
  }

  const post = <Body>(name: CallName, asks: object): Promise<Called<Body>> =>
    ask(
      `/api/calls/${name}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrf': token },
        body: JSON.stringify(asks),
      },
      CallPatience,
    );

  async function signedIn(answer: Promise<Called<SignedIn>>): Promise<Called<SignedIn>> {
    const called = await answer;
    if (called.ok) token = called.body.csrf;
    return called;
  }

  return {
    call: (name, asks) => post(name, asks),
    signIn: (name, asks) => signedIn(post(name, asks)),
    // Nobody is an answer here, and no news.
    whoAmI: () => signedIn(ask('/api/me', {}, ReadPatience, () => undefined)),
    read: (path) => ask(path, {}, ReadPatience),
  };
}

function troubleOf(body: unknown, status: number): Trouble {
  const { detail, code, remedy } = (body ?? {}) as Readonly<Record<string, unknown>>;
  return {
    status,
    code: typeof code === 'string' ? code : '',
    sentence:
      typeof detail === 'string' && detail !== '' ? detail : 'The gateway gave an error without words.',
    remedy: typeof remedy === 'string' ? remedy : '',
  };
}

const Silent: Trouble = {
  status: 0,
  code: '',
  sentence: 'The gateway’s page server does not answer.',
  remedy: 'What is enforced stays enforced. Try again.',
};

/** Milliseconds; a password is hashed one at a time. */
const CallPatience = 25_000;
const ReadPatience = 5_000;
