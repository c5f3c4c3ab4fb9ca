import type { MeBody } from '../../ipc/account-body.ts';
import type { Api } from './api.ts';
import type { Live } from './live.ts';
import type { ReasonSentences } from './reasons.ts';

/** What somebody who is signed in has before them. */
export interface View {
  /** `topic` is what has just been told, or `time`. */
  readonly update: (live: Live, topic: string) => void;
  readonly close: () => void;
}

export interface ViewOptions {
  readonly place: HTMLElement;
  readonly api: Api;
  readonly reasons: ReasonSentences;
  /** As they were when they came. */
  readonly me: MeBody;
  /** They have signed out or locked the screen. */
  readonly onLeave: () => void;
}
