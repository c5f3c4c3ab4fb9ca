import type { ConduitsBody, ConnectionsBody, RefusalsBody, StatusBody } from '../../ipc/snapshot.ts';

/** All the page shows, as of one moment. */
export interface Snapshot {
  readonly status: StatusBody;
  readonly conduits: ConduitsBody;
  readonly connections: ConnectionsBody;
  readonly refusals: RefusalsBody;
}

export type Fetched =
  | { readonly ok: true; readonly snapshot: Snapshot }
  /** `front` is false when nothing answered at all. */
  | { readonly ok: false; readonly front: boolean; readonly sentence: string };

/** Asks for everything at once; gives up after `patience` milliseconds. Never throws. */
export async function fetchSnapshot(patience: number): Promise<Fetched> {
  const signal = AbortSignal.timeout(patience);
  try {
    const answers = await Promise.all(
      ['status', 'conduits', 'connections', 'refusals'].map((name) => fetch(`/api/${name}`, { signal })),
    );
    const bodies: unknown[] = await Promise.all(answers.map((answer) => answer.json()));
    const failed = answers.findIndex((answer) => !answer.ok);
    if (failed >= 0) return { ok: false, front: true, sentence: problemSentence(bodies[failed]) };
    const [status, conduits, connections, refusals] = bodies;
    // Served by the process that served this page, with these schemas.
    return { ok: true, snapshot: { status, conduits, connections, refusals } as Snapshot };
  } catch {
    return { ok: false, front: false, sentence: 'The gateway’s page server does not answer.' };
  }
}

/** Why a code of the closed list refuses, for people. */
export type ReasonSentences = ReadonlyMap<string, string>;

/** Asked once: the list does not change while a gateway runs. Empty when it cannot be had. */
export async function fetchReasons(patience: number): Promise<ReasonSentences> {
  try {
    const answer = await fetch('/api/reasons', { signal: AbortSignal.timeout(patience) });
    const reasons: readonly { readonly code: string; readonly sentence: string }[] = await answer.json();
    return new Map(reasons.map(({ code, sentence }) => [code, sentence]));
  } catch {
    return new Map();
  }
}

function problemSentence(body: unknown): string {
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : '';
  return typeof detail === 'string' && detail !== '' ? detail : 'The gateway gave an error without words.';
}
