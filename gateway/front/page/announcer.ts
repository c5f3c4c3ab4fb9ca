import type { GrantsBody } from '../../ipc/grant-body.ts';
import { byId } from './element.ts';
import { whoText } from './grants/grant-words.ts';

/** What a screen reader says: how the gateway is, and at once what somebody should act on. Each once. */
export interface Announcer {
  readonly state: (sentence: string) => void;
  readonly grants: (grants: GrantsBody) => void;
}

export function announcer(): Announcer {
  const told = new Map<string, string>();
  let first = true;
  return {
    state: (sentence) => {
      const place = byId('announcement');
      if (place.textContent !== sentence) place.textContent = sentence;
    },
    grants: (grants) => {
      const news = grants.flatMap((grant) => {
        const { id, state, warning } = grant;
        const said = `${state} ${warning}`;
        if (told.get(id) === said) return [];
        told.set(id, said);
        if (warning !== '') return [`${whoText(grant)}: ${warning}`];
        if (state === 'requested') return [`${whoText(grant)} asks to be let in.`];
        return state === 'open' ? [`${whoText(grant)} is inside.`] : [];
      });
      const gone = [...told.keys()].filter((id) => !grants.some((grant) => grant.id === id));
      for (const id of gone) told.delete(id);
      const over = gone.length > 0 ? ['A session or request is over.'] : [];
      if (!first && (news.length > 0 || over.length > 0))
        byId('alert').textContent = [...news, ...over].join(' ');
      first = false;
    },
  };
}
