import type { MetricsRegistry } from '@reckon/kernel';

/** What came of a call: the answer was whole and right, was not, or did not come in time. */
export type CallResult = 'success' | 'error' | 'timeout';

/** Of all authorization webhooks of a server, under upstream's names (plugin/pkg/authorizer/webhook/metrics, authorization/cel). */
export interface WebhookMetrics {
  called(name: string, result: CallResult, seconds: number): void;
  /** A webhook that failed was passed over. */
  failedOpen(name: string, result: CallResult): void;
  conditionsTried(name: string, seconds: number): void;
  conditionsFailed(name: string): void;
  /** Its conditions kept a request from it. */
  excluded(name: string): void;
}

const defaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const conditionBounds = [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25];

export function webhookMetrics(metrics: MetricsRegistry): WebhookMetrics {
  const prefix = 'apiserver_authorization';
  const results = ['name', 'result'];
  const kinds = ['type', 'name'];
  const calls = metrics.counter(`${prefix}_webhook_evaluations_total`, 'Calls of authorization webhooks.', results);
  const durations = metrics.histogram(
    `${prefix}_webhook_duration_seconds`,
    'How long calls of authorization webhooks took.',
    defaultBounds,
    results,
  );
  const open = metrics.counter(
    `${prefix}_webhook_evaluations_fail_open_total`,
    'Authorization webhooks that failed and were passed over.',
    results,
  );
  const errors = metrics.counter(
    `${prefix}_match_condition_evaluation_errors_total`,
    'Match conditions of authorizers that could not be evaluated.',
    kinds,
  );
  const exclusions = metrics.counter(
    `${prefix}_match_condition_exclusions_total`,
    'Requests that match conditions kept from an authorizer.',
    kinds,
  );
  const tried = metrics.histogram(
    `${prefix}_match_condition_evaluation_seconds`,
    'How long match conditions of an authorizer took.',
    conditionBounds,
    kinds,
  );
  return {
    called(name, result, seconds) {
      calls.add(1, name, result);
      durations.observe(seconds, name, result);
    },
    failedOpen: (name, result) => {
      open.add(1, name, result);
    },
    conditionsTried: (name, seconds) => {
      tried.observe(seconds, 'Webhook', name);
    },
    conditionsFailed: (name) => {
      errors.add(1, 'Webhook', name);
    },
    excluded: (name) => {
      exclusions.add(1, 'Webhook', name);
    },
  };
}
