/** What became of the tests of a run. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Deep tests that were not asked for. */
  readonly leftOut: number;
}

/**
 * The tag of tests that repeat at great volume, over a long time or on another host what a test without it shows
 * already. `npm test` leaves them out; `.ci/run` runs them.
 */
export const Deep = 'deep';

export const Nothing: Count = { passed: 0, failed: 0, skipped: 0, leftOut: 0 };

/**
 * Counts the report of vitest's JSON reporter; one that cannot be read is one failure.
 * @param leavesDeepOut whether the run was not asked for the deep ones; it reports them as skipped
 */
export function countReport(report: string, leavesDeepOut: boolean): Count {
  try {
    const { testResults } = JSON.parse(report) as { readonly testResults: readonly File[] };
    return testResults.map((file) => countFile(file, leavesDeepOut)).reduce(addCounts, Nothing);
  } catch {
    return { ...Nothing, failed: 1 };
  }
}

export function addCounts(one: Count, other: Count): Count {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    leftOut: one.leftOut + other.leftOut,
  };
}

interface File {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string; readonly tags: readonly string[] }[];
}

function countFile({ status, assertionResults: tests }: File, leavesDeepOut: boolean): Count {
  const failed = tests.filter((test) => test.status === 'failed').length;
  const unrun = tests.filter((test) => ['pending', 'skipped', 'todo', 'disabled'].includes(test.status));
  const leftOut = leavesDeepOut ? unrun.filter(({ tags }) => tags.includes(Deep)).length : 0;
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    // A file that could not be loaded, or whose set-up failed, counts as one failure.
    failed: status === 'failed' && failed === 0 ? 1 : failed,
    skipped: unrun.length - leftOut,
    leftOut,
  };
}
