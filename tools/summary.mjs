/**
 * The one line that `npm test`, `npm run verify` and `.ci/run` end with.
 *
 * @param {{ readonly passed: number, readonly failed: number }} counts
 */
export const summaryLine = ({ passed, failed }) => `${passed} passed, ${failed} failed`;

/**
 * Counts a vitest JSON report. A file that could not be loaded has no tests and counts as one failure, and so does a
 * run that failed though no test did (an unhandled error, a report that is missing).
 *
 * @param {unknown} report
 * @param {{ readonly hasFailed: boolean }} run
 */
export function countTests(report, { hasFailed }) {
  const { testResults = [] } = /** @type {{ testResults?: TestFile[] }} */ (report ?? {});
  let passed = 0;
  let failed = 0;
  for (const { status, assertionResults } of testResults) {
    const failures = assertionResults.filter((test) => test.status === 'failed').length;
    passed += assertionResults.filter((test) => test.status === 'passed').length;
    failed += status === 'failed' ? Math.max(1, failures) : failures;
  }
  return { passed, failed: hasFailed ? Math.max(1, failed) : failed };
}

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */
