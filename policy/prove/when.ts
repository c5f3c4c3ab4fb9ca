import type { Schedule } from '../../rules/policy.ts';
import { formatTime } from '../../rules/time.ts';
import type { Conduit, ZoneModel } from '../model/zone-model.ts';
import type { Permitter } from './permit.ts';

/**
 * The conditions of time and session under which a permit is open, by name: equal names are equal conditions,
 * and without any it is always open. The audit stage is none; it is part of what may be said.
 */
export function whenOf(by: Permitter): readonly string[] {
  switch (by.kind) {
    case 'flow': {
      const { conduit, requiresSession } = by.flow;
      return [...conduitConditions(conduit), ...(requiresSession ? ['session'] : [])];
    }
    case 'undeclared':
      return [...conduitConditions(by.conduit), `until ${by.conduit.audit?.until ?? 0}`];
    case 'vendor': {
      const { window } = by.vendor.limits;
      return ['session', ...(window === undefined ? [] : [`schedule ${scheduleName(window)}`])];
    }
    default:
      return [];
  }
}

/** Under which circumstances a permit is open, where it is not always. */
export function conditionsOf(by: Permitter): readonly string[] {
  if (by.kind === 'vendor') return ['with a session granted'];
  if (by.kind === 'undeclared') return [`until ${formatTime(by.conduit.audit?.until ?? 0)}`];
  if (by.kind !== 'flow') return [];
  const { conduit, requiresSession, audit } = by.flow;
  return [
    ...(by.mode === undefined ? [] : [`while the mode is ${by.mode.name}`]),
    ...(conduit.temporary === undefined ? [] : [`until ${formatTime(conduit.temporary.expires)}`]),
    ...(conduit.schedule === undefined ? [] : ['in the hours of its schedule']),
    ...(requiresSession ? ['with a session granted'] : []),
    ...(audit === undefined ? [] : [`in its audit stage until ${formatTime(audit.until)}`]),
  ];
}

/** The modes in which a permit is open; the box's own traffic is so in all. */
export function modesOf({ modes }: ZoneModel, by: Permitter): readonly string[] {
  const all = modes.map(({ name }) => name);
  if (by.kind === 'service' || by.kind === 'egress') return all;
  if (by.kind !== 'flow') return [Normal];
  const { flow, mode: own } = by;
  if (own !== undefined) return [own.name];
  return modes
    .filter(({ keepsAll, keep, profiles }) => {
      const isKept = keepsAll || keep.includes(flow);
      return isKept && !profiles.some((each) => each.flow === flow);
    })
    .map(({ name }) => name);
}

function conduitConditions({ temporary, schedule }: Conduit): readonly string[] {
  return [
    ...(temporary === undefined ? [] : [`temporary ${temporary.opened} ${temporary.expires}`]),
    ...(schedule === undefined ? [] : [`schedule ${scheduleName(schedule)}`]),
  ];
}

function scheduleName({ days, from, to, timeZone }: Schedule): string {
  return JSON.stringify([[...days].sort((one, other) => one - other), from, to, timeZone]);
}

/** Vendors and undeclared traffic are not led on in any other mode. */
const Normal = 'normal';
