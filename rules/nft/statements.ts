import type { Ceiling, MatchValue, NftVerdict, Operator, Rule, Selector, Statement } from './ruleset.ts';

/** Short forms of the tree's nodes, so that a chain reads like one in nft's own language. */
export function rule(...statements: readonly Statement[]): Rule {
  return { statements, comment: '' };
}

export function is(selector: Selector, value: MatchValue): Statement {
  const op: Operator = selector === 'ct state' || selector === 'tcp flags' ? 'in' : '==';
  return { kind: 'match', selector, op, value };
}

export function isNot(selector: Selector, value: MatchValue): Statement {
  return { kind: 'match', selector, op: '!=', value };
}

export function inSet(key: readonly Selector[], set: string): Statement {
  return { kind: 'lookup', key, set, in: true };
}

export function notInSet(key: readonly Selector[], set: string): Statement {
  return { kind: 'lookup', key, set, in: false };
}

export function vmap(key: readonly Selector[], map: string): Statement {
  return { kind: 'vmap', key, map };
}

/** Counts into a counter object of the table, or, without a name, into the rule. */
export function count(name = ''): Statement {
  return { kind: 'counter', name };
}

export function log(prefix: string): Statement {
  return { kind: 'log', prefix };
}

export function limit(perSecond: number, burst: number): Statement {
  return { kind: 'limit', perSecond, burst };
}

export function reject(how: 'tcp reset' | 'admin-prohibited'): Statement {
  return { kind: 'reject', how };
}

export function setMark(mark: number): Statement {
  return { kind: 'set-mark', mark };
}

export function markFrom(key: readonly Selector[], map: string): Statement {
  return { kind: 'mark-from', key, map };
}

export const recallMark: Statement = { kind: 'recall-mark' };
export const stampMark: Statement = { kind: 'stamp-mark' };

/** Goes on with packets above the ceiling of their key. A name is used by one rule. */
export function meter(name: string, key: readonly Selector[], over: Ceiling): Statement {
  return { kind: 'meter', name, key, over };
}

/** Hands the packet to the listener on 127.0.0.1 and this port; needs `l4proto tcp` in the same rule. */
export function tproxy(port: number): Statement {
  return { kind: 'tproxy', port };
}

export function goTo(chain: string): Statement {
  return { kind: 'verdict', verdict: { kind: 'goto', chain } };
}

export function jump(chain: string): Statement {
  return { kind: 'verdict', verdict: { kind: 'jump', chain } };
}

export const accepted: NftVerdict = { kind: 'accept' };
export const accept: Statement = { kind: 'verdict', verdict: accepted };
export const drop: Statement = { kind: 'verdict', verdict: { kind: 'drop' } };
export const leave: Statement = { kind: 'verdict', verdict: { kind: 'return' } };
export const notrack: Statement = { kind: 'notrack' };
