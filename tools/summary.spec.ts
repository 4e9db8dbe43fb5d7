import { describe, expect, it } from 'vitest';
import { countTests, summaryLine } from './summary.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((outcome) => ({ status: outcome })),
});

describe('countTests', () => {
  it('counts tests over all files and leaves skipped ones out', () => {
    const report = { testResults: [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'passed', 'failed')] };
    expect(summaryLine(countTests(report, { hasFailed: true }))).toBe('3 passed, 1 failed');
  });

  it('counts a file that could not be loaded as one failure', () => {
    expect(countTests({ testResults: [file('failed'), file('passed', 'passed')] }, { hasFailed: true })).toEqual({
      passed: 1,
      failed: 1,
    });
  });

  it('never calls a failed run good', () => {
    expect(countTests({ testResults: [file('passed', 'passed')] }, { hasFailed: true }).failed).toBe(1);
    expect(countTests(undefined, { hasFailed: true })).toEqual({ passed: 0, failed: 1 });
  });
});
