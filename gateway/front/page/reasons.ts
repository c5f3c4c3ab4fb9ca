import type { Api } from './api.ts';

/** Why a code of the closed list refuses or ends something, for people. */
export type ReasonSentences = ReadonlyMap<string, string>;

/** Asked once: the list does not change while a gateway runs. Empty when it cannot be had. */
export async function readReasons(api: Api): Promise<ReasonSentences> {
  const answer =
    await api.read<readonly { readonly code: string; readonly sentence: string }[]>('/api/reasons');
  return new Map(answer.ok ? answer.body.map(({ code, sentence }) => [code, sentence]) : []);
}
