import type { Stepped } from '../../rules/session/grant.ts';
import { refuse } from '../access/refusals.ts';

/** Why the state machine did not take what a person asked for, in the words of the catalogue. */
export function refusalOf({ refusal, detail }: Extract<Stepped, { readonly ok: false }>) {
  switch (refusal) {
    case 'not-now':
      return refuse('PST_NOT_NOW', detail);
    case 'other-digest':
      return refuse('PST_NOT_NOW', 'What was asked for has changed meanwhile; read it again.');
    case 'not-permitted':
      return refuse('PST_NOT_PERMITTED', detail);
    case 'too-long':
      return refuse('PST_NOT_WORD', 'It is longer than the model lets a session of this vendor be.');
  }
}
