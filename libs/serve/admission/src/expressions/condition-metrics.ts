import type { MetricsRegistry } from '@reckon/kernel';
import type { Operation } from '../plugin';

/** Whose conditions they are. */
interface ConditionOwner {
  readonly name: string;
  readonly kind: 'webhook' | 'policy';
  readonly type: 'admit' | 'validating' | 'validate';
  readonly operation: Operation;
}

/** How match conditions were judged; names and labels as k8s.io/apiserver/pkg/admission/metrics. */
export interface ConditionMetrics {
  /** `errors`: of conditions that could not be evaluated. */
  evaluated(owner: ConditionOwner, seconds: number, errors: number): void;
  /** A webhook is not asked, since a condition does not hold. */
  excluded(owner: ConditionOwner): void;
}

const nothing: ConditionMetrics = { evaluated: () => undefined, excluded: () => undefined };

export function conditionMetrics(registry: MetricsRegistry | undefined): ConditionMetrics {
  if (registry === undefined) return nothing;
  const labels = ['name', 'kind', 'type', 'operation'];
  const errorsTotal = registry.counter(
    'apiserver_admission_match_condition_evaluation_errors_total',
    'Match conditions of admission that could not be evaluated, by their owner.',
    labels,
  );
  const exclusions = registry.counter(
    'apiserver_admission_match_condition_exclusions_total',
    'Calls of admission that were not made, since a match condition did not hold.',
    labels,
  );
  const duration = registry.histogram(
    'apiserver_admission_match_condition_evaluation_seconds',
    'Time of the match conditions of one webhook or policy.',
    [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
    labels,
  );
  const values = ({ name, kind, type, operation }: ConditionOwner): [string, string, string, string] => [
    name,
    kind,
    type,
    operation,
  ];
  return {
    evaluated(owner, seconds, errors) {
      duration.observe(seconds, ...values(owner));
      if (errors > 0) errorsTotal.add(errors, ...values(owner));
    },
    excluded: (owner) => {
      exclusions.add(1, ...values(owner));
    },
  };
}
