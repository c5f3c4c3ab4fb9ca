import { modeTerms } from '../../rules/admission/mode.ts';
import { canTellTime } from '../../rules/admission/open-gates.ts';
import type { Policy } from '../../rules/policy.ts';
import { type Condition, conditionsOf } from '../../rules/session/conditions.ts';
import type { Approval, Grant, GrantRules, Moment } from '../../rules/session/grant.ts';
import { termsOf, termsText, windowOf } from '../../rules/session/terms.ts';
import type { Entry, KeptGrant } from './grant-entry.ts';
import type { BrokerParts } from './parts.ts';

/** Everything that decides on one grant at one moment. */
export interface Judged {
  readonly conditions: readonly Condition[];
  readonly rules: GrantRules;
}

/** Asks everybody who knows what holds a grant open. Nothing is remembered from the last time. */
export interface GrantJudge {
  readonly judge: (entry: Entry, now: Moment) => Judged;
  /** The second factor of this account is gone: what it had proved counts no more. */
  readonly forgetProof: (account: string) => void;
  readonly now: () => Moment;
}

export interface JudgeOptions extends BrokerParts {
  /** Grants of a vendor that are open or about to be, without this one. */
  readonly openOf: (vendor: string, but: string) => number;
  /** A front is connected. */
  readonly hasFront: () => boolean;
}

export function createGrantJudge(options: JudgeOptions): GrantJudge {
  const { people, evidence, clock, limits, openOf, hasFront } = options;
  const proofs = new Map<string, number>();

  /** Whoever leaves the page with a tool at work has still proved who they are, and for so long. */
  function provedAt(person: string): number | undefined {
    const latest = Math.max(people.factorAt(person) ?? -Infinity, proofs.get(person) ?? -Infinity);
    if (latest === -Infinity) return undefined;
    proofs.set(person, latest);
    return latest;
  }

  function judge({ id, kept }: Entry, now: Moment): Judged {
    const { grant } = kept;
    const { vendor: vendorId, person, targets, carrier } = grant.asked.request;
    const active = options.policy();
    const terms = active && termsOf(active.policy, { vendor: vendorId, person, targets });
    const wall = heldWall(kept, now);
    const window = windowOf(terms?.flows ?? [], wall);
    const mode = options.mode();
    const modes = modeTerms(active?.policy.modes ?? [], mode);
    const limitsOf = terms?.vendor.limits ?? { maxDuration: 0, idle: 0, concurrent: 0 };
    const proved = provedAt(person);
    const time = options.time();
    const conditions = conditionsOf({
      account: people.isUsable(person) && people.find(person)?.vendor === vendorId,
      factorAge: proved === undefined ? undefined : now.mono - proved,
      factorLasts: limits.factorLasts,
      factorWaived: terms?.vendor.people.find((one) => one.id === person)?.mfa === false,
      approversLost: lost(kept, people),
      contractEnded: window.contractEnded,
      inWindow: window.inWindow,
      window: window.text,
      mode: mode.mode,
      modeCuts: modes === undefined || targets.some((target) => modes.cuts(target)),
      keySwitch: options.keySwitch(),
      evidence: evidence.broken(),
      tellsTime: canTellTime(time),
      sameTerms: active !== undefined && isAsGranted(active.policy, grant),
      bundleValid: active !== undefined && wall >= active.policy.notBefore && wall < active.policy.notAfter,
      carrier: carrier === 'pinhole' || hasFront(),
      full: grant.phase !== 'open' && limitsOf.concurrent > 0 && openOf(vendorId, id) >= limitsOf.concurrent,
    });
    const rules: GrantRules = {
      requestLasts: limits.requestLasts,
      maxDuration: limitsOf.maxDuration,
      longest: terms === undefined ? 0 : window.longest,
      idle: limitsOf.idle,
      maxBytes: limits.grantBytes,
    };
    return { conditions, rules };
  }

  return {
    judge,
    forgetProof: (account) => void proofs.delete(account),
    now: () => ({ wall: Math.round(clock.wall()), mono: clock.monotonic() }),
  };
}

/**
 * The time a window is judged by: while a grant is open, the wall clock as it stood at the opening, carried on by the
 * monotonic one. Setting the clock makes no window longer, nor shorter.
 */
function heldWall({ grant: { opened } }: KeptGrant, now: Moment): number {
  return opened === undefined ? now.wall : opened.at.wall + (now.mono - opened.at.mono);
}

/** Whether a policy permits exactly what was permitted when the grant was asked for. */
export function isAsGranted(policy: Policy, { asked, terms }: Grant): boolean {
  return termsText(policy, termsOf(policy, asked.request)) === terms;
}

/** Who approved the request as it stands and may not any more. */
function lost({ grant }: KeptGrant, people: BrokerParts['people']): readonly string[] {
  const asked = [...grant.asked.approvals, ...(grant.more?.approvals ?? [])];
  return [...new Set(asked.filter((one) => !stillMay(one, people)).map(({ by }) => by))];
}

/** An engineer, who approves nothing together with others, may act alone. */
function stillMay({ by, means }: Approval, { find, resetWithin }: BrokerParts['people']): boolean {
  const known = find(by);
  if (known === undefined || !known.usable) return false;
  if (known.mayApprove) return true;
  return means === 'break-glass' && known.roles.includes('engineer') && !resetWithin(by, Day);
}

/** Milliseconds. */
const Day = 86_400_000;
