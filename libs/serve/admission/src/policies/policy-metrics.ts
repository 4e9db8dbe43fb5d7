import type { MetricsRegistry } from '@reckon/kernel';

/** What came of one check of a policy by a binding. */
export interface PolicyCheck {
  readonly policy: string;
  readonly binding: string;
  /** Of what did not hold or could not be done, why. */
  readonly problem: string | undefined;
  /** Of a validating policy; `allow` where a failure is let pass. */
  readonly action?: 'allow' | 'deny' | 'audit' | 'warn';
  readonly seconds: number;
}

/** Names and labels as k8s.io/apiserver/pkg/admission/plugin/policy/{validating,mutating}/metrics. */
export function policyMetrics(
  registry: MetricsRegistry | undefined,
  type: 'validating' | 'mutating',
): (check: PolicyCheck) => void {
  if (registry === undefined) return () => undefined;
  const labels = ['policy', 'policy_binding', 'error_type', ...(type === 'validating' ? ['enforcement_action'] : [])];
  const total = registry.counter(
    `apiserver_${type}_admission_policy_check_total`,
    `Checks by ${type} admission policies that had consequences, by binding.`,
    labels,
  );
  const duration = registry.histogram(
    `apiserver_${type}_admission_policy_check_duration_seconds`,
    `Time of checks by ${type} admission policies.`,
    [0.0000005, 0.001, 0.01, 0.1, 1],
    labels,
  );
  return ({ policy, binding, problem, action, seconds }) => {
    const values = [policy, binding, errorType(problem), ...(type === 'validating' ? [action ?? 'deny'] : [])];
    total.add(1, ...values);
    duration.observe(seconds, ...values);
  };
}

/** policy/validating `ErrorType`, which takes a plain refusal for an error too. */
function errorType(problem: string | undefined): string {
  if (problem === undefined) return 'no_error';
  if (problem.startsWith('compilation')) return 'compile_error';
  return problem.startsWith('validation failed due to running out of cost budget') ? 'out_of_budget' : 'invalid_error';
}
