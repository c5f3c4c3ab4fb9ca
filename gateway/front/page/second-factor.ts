import type { MeBody } from '../../ipc/account-body.ts';
import type { Second } from '../../ipc/calls.ts';
import type { Called, Trouble } from './api.ts';
import type { Question } from './dialog.ts';
import { field } from './dialog.ts';
import type { Content } from './element.ts';

/** A second factor to be given for one act: what stands in the dialog, and how to read it. */
export interface SecondFactor {
  readonly content: readonly Content[];
  readonly acts: Question['acts'];
  /** Reads what was given; `challenge` is asked for only where a passkey is used. */
  readonly read: (act: string, code: string) => Promise<Called<Second>>;
}

/**
 * Offers what the account has, the passkey first: it signs what is approved, and a code does not.
 * @param label what the act does, `Approve`
 */
export function secondFactor(
  { account }: MeBody,
  label: string,
  challenge: () => Promise<Called<{ readonly options: string }>>,
  tone?: 'danger',
): SecondFactor {
  const has = (kind: string): boolean => account.factors.some((factor) => factor.kind === kind);
  const passkey = has('passkey') && canUsePasskeys();
  const code = has('totp') || account.recoveryCodes > 0 || !passkey;
  const toned = tone === undefined ? {} : { tone };
  return {
    content: [
      code
        ? field(
            'code',
            'Code of your authenticator',
            CodeField,
            passkey ? 'Not needed with the passkey.' : '',
          )
        : undefined,
    ],
    acts: [
      ...(passkey ? [{ act: 'passkey', label: `${label} with passkey`, ...toned }] : []),
      ...(code
        ? [{ act: 'code', label: passkey ? `${label} with code` : label, ...(passkey ? Plain : toned) }]
        : []),
    ],
    read: async (act, given) => {
      if (act !== 'passkey') return { ok: true, body: secondOf(given) };
      const asked = await challenge();
      return asked.ok ? usePasskey(asked.body.options) : asked;
    },
  };
}

/** A code as it was typed: six digits are of the authenticator, anything longer is a recovery code. */
export function secondOf(code: string): Second {
  const typed = code.replaceAll(/\s/g, '');
  if (typed === '') return { kind: 'none' };
  return { kind: /^\d{6}$/.test(typed) ? 'totp' : 'recovery', code: typed };
}

/** Whether this browser can, here: passkeys want a secure page that was opened by a name (WebAuthn §5.1.2). */
export function canUsePasskeys(): boolean {
  const byName = !/^[\d.]+$|^\[/.test(location.hostname);
  return byName && window.isSecureContext && typeof PublicKeyCredential !== 'undefined';
}

/** Has the browser sign a challenge with a passkey. */
export async function usePasskey(options: string): Promise<Called<Second>> {
  return withBrowser(async () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
    const credential = await navigator.credentials.get({ publicKey });
    return { kind: 'passkey', response: JSON.stringify(credential) };
  });
}

/** Has the browser make a passkey; gives its answer as JSON. */
export async function makePasskey(options: string): Promise<Called<string>> {
  return withBrowser(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options));
    return JSON.stringify(await navigator.credentials.create({ publicKey }));
  });
}

async function withBrowser<Body>(act: () => Promise<Body>): Promise<Called<Body>> {
  try {
    return { ok: true, body: await act() };
  } catch {
    return { ok: false, trouble: NoPasskey };
  }
}

export const CodeField = {
  inputmode: 'numeric',
  autocomplete: 'one-time-code',
  maxlength: '64',
  spellcheck: 'false',
} as const;

const Plain = { tone: 'plain' } as const;

const NoPasskey: Trouble = {
  status: 0,
  code: '',
  sentence: 'The passkey was not used.',
  remedy: 'Try again, or give the code of your authenticator.',
};
