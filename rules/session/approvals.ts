import type {
  Answerer,
  Approval,
  Asked,
  Grant,
  GrantAct,
  GrantEvent,
  GrantRefusal,
  Moment,
} from './grant.ts';
import { fromHex } from './hex.ts';

export type Approved =
  | { readonly ok: true; readonly asked: Asked; readonly act: GrantAct }
  | { readonly ok: false; readonly refusal: GrantRefusal; readonly detail: string };

/** Duties that still have to approve; none once somebody has acted alone. */
export function missingDuties(duties: readonly string[], { approvals, digest }: Asked): readonly string[] {
  const given = approvals.filter((one) => one.digest === digest);
  if (given.some(({ means }) => means === 'break-glass')) return [];
  const left = given.map(({ role }) => role);
  return duties.filter((duty) => {
    const place = left.indexOf(duty);
    if (place < 0) return true;
    left.splice(place, 1);
    return false;
  });
}

/**
 * One person's yes. Never of whoever asked or profits, never twice by one person, only in a duty that is still
 * missing, only for the request as it stands (62443-3-3 SR 1.13 RE1, SR 2.1 RE4).
 */
export function approve(
  grant: Grant,
  asked: Asked,
  event: Extract<GrantEvent, { readonly kind: 'approve' | 'break-glass' }>,
  now: Moment,
): Approved {
  const { by, digest, proof } = event;
  if (now.mono >= asked.endsAt) return no('not-now', 'It was not answered in time.');
  if (digest !== asked.digest) return no('other-digest', '');
  const unfit = unfitness(asked, by);
  if (unfit !== '') return no('not-permitted', unfit);
  const alone = event.kind === 'break-glass';
  const role = alone ? '' : missingDuties(grant.duties, asked).find((duty) => holdsDuty(by, duty));
  if (role === undefined || !by.roles.some((one) => one === 'approver' || (alone && one === 'engineer'))) {
    return no('not-permitted', 'It waits for somebody of another duty.');
  }
  const means = alone ? 'break-glass' : proof.means;
  const approval: Approval = { digest, by: by.name, role, at: now.wall, means, weak: proof.weak };
  const next: Asked = { ...asked, approvals: [...asked.approvals, approval] };
  const act: GrantAct = {
    kind: 'grantApproved',
    grant: asked.request.grant,
    digest: fromHex(digest),
    by: by.name,
    role,
    means,
    weak: proof.weak,
    assertion: proof.assertion,
    missing: missingDuties(grant.duties, next).length,
    extension: asked.request.extension,
    why: alone ? event.why : '',
  };
  return { ok: true, asked: next, act };
}

/** Where the model names no duty, whoever may approve at all holds it. */
function holdsDuty({ duties }: Answerer, duty: string): boolean {
  return duty === '' || duties.includes(duty);
}

/** Why this person may not answer this request at all, or ''. */
export function unfitness({ request, approvals }: Asked, by: Pick<Answerer, 'name' | 'mayApprove'>): string {
  if (by.name === request.person || by.name === request.by) return 'Nobody approves what they asked for.';
  if (approvals.some((one) => one.by === by.name)) return 'It has this approval already.';
  return by.mayApprove ? '' : 'Whose authenticators were reset may not approve for a day.';
}

function no(refusal: GrantRefusal, detail: string): Approved {
  return { ok: false, refusal, detail };
}
