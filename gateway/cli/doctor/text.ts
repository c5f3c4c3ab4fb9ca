import type { Check } from './check.ts';

/** The table for people: one line each, and under what is not good what it means and what to do. */
export function formatChecks(checks: readonly Check[]): string {
  const width = Math.max(0, ...checks.map(({ what }) => what.length));
  return checks
    .map(({ state, what, found, meaning, remedy }) => {
      const line = `${Marks[state]}  ${what.padEnd(width)}  ${found}`;
      const indent = ' '.repeat(width + 9);
      return state === 'good' ? line : [line, `${indent}${meaning}`, `${indent}${remedy}`].join('\n');
    })
    .join('\n');
}

/** What one back end can do here, in a sentence. */
export function formatAbility(backEnd: 'kernel' | 'proxy', inTheWay: readonly Check[]): string {
  const name = `${backEnd} back end`.padEnd(15);
  if (inTheWay.length === 0) return `${name}  yes`;
  return `${name}  no: ${inTheWay.map(({ what, found }) => `${what} (${found})`).join('; ')}`;
}

const Marks: Readonly<Record<Check['state'], string>> = { good: 'ok   ', note: 'note ', lacking: 'lacks' };
