import type { MeBody } from '../../ipc/account-body.ts';
import type { Api, Called } from './api.ts';
import { ask } from './dialog.ts';
import { element } from './element.ts';
import { secondFactor } from './second-factor.ts';

/** Has the person prove themselves again where the last proof is too old for what changes rights; then goes on. */
export function withFreshFactor(api: Api, me: MeBody, ahead: number, then: () => void): void {
  if (Date.now() + ahead - me.factorAt < Fresh) return then();
  const { content, acts, read } = secondFactor(me, 'Go on', passkeyOptions(api, me));
  ask({
    title: 'Is it you?',
    content: [element('p', {}, 'This wants a second factor, given just now.'), ...content],
    acts,
    onAct: async (act, { code = '' }) => {
      const second = await read(act, code);
      const proved = second.ok ? await api.call('prove-factor', { second: second.body }) : second;
      if (!proved.ok) return proved.trouble;
      then();
      return undefined;
    },
  });
}

/** What a passkey is to sign where the act gives it nothing of its own. */
export function passkeyOptions(
  api: Api,
  { account }: MeBody,
): () => Promise<Called<{ readonly options: string }>> {
  return () => api.call('sign-in-options', { name: account.name });
}

/** A little less than the engine's quarter of an hour. Milliseconds. */
const Fresh = 14 * 60_000;
