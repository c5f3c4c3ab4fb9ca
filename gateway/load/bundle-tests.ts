import { Rejections } from '../../rules/bundle/judge-bundle.ts';
import { runTests } from '../../rules/evaluate/run-tests.ts';
import { runTestsOnTable } from '../../rules/evaluate/table-tests.ts';
import type { Policy } from '../../rules/policy.ts';
import type { PolicyTestRule } from '../../rules/policy-test.ts';
import type { LoadedTable } from '../enforce/enforcement.ts';
import type { Rejection, TestCount } from './steps.ts';

/**
 * Asks a bundle's own tests of the policy in it. What depends on the hour of the day is left out: whoever wrote it
 * did not mean the moment at which somebody applies. 62443-3-3 SR 3.3.
 * @param now wall time, milliseconds
 */
export function testPolicy(policy: Policy, now: number): TestCount | Rejection {
  const results = runTests(policy, now).filter(({ depends }) => depends === 'timeless');
  const failed = results.find(({ ok }) => !ok);
  if (failed !== undefined) return failing(policy, failed.test, failed.sentence);
  return { run: results.length, left: policy.tests.length - results.length };
}

/** Leads the packets of the same tests through the table that the kernel holds now. */
export function testTable(policy: Policy, table: LoadedTable, now: number): TestCount | Rejection {
  const { objects, mode, open } = table;
  const results = runTestsOnTable(policy, { nftables: objects }, { now, mode, open });
  const failed = results.find(({ ok }) => !ok);
  if (failed !== undefined) return failing(policy, failed.test, failed.sentence);
  return { run: results.length, left: 0 };
}

function failing({ conduits }: Policy, { name, line }: PolicyTestRule, sentence: string): Rejection {
  const file = conduits[0]?.source.file ?? 'model';
  const { sentence: what, remedy } = Rejections.BUNDLE_TEST;
  return { code: 'BUNDLE_TEST', message: `${what} “${name}” (${file}:${line}): ${sentence}`, remedy };
}
