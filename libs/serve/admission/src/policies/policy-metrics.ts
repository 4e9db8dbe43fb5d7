import type { MetricsRegistry } from '@reckon/kernel';

/** What came of one check of a policy by a binding. */
export interface PolicyCheck {
  readonly policy: string;
  readonly binding: string;
  readonly isError: boolean;
  /** Of a validating policy. */
  readonly action?: 'deny' | 'audit' | 'warn';
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
  return ({ policy, binding, isError, action, seconds }) => {
    const values = [
      policy,
      binding,
      isError ? 'invalid_error' : 'no_error',
      ...(type === 'validating' ? [action ?? 'deny'] : []),
    ];
    total.add(1, ...values);
    duration.observe(seconds, ...values);
  };
}
