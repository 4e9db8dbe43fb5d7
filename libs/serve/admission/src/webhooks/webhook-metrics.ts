import type { MetricsRegistry } from '@reckon/kernel';
import type { Operation } from '../plugin';

/** How a call ended. */
export interface CallOutcome {
  readonly name: string;
  readonly type: 'admit' | 'validating';
  readonly operation: Operation;
  readonly seconds: number;
  readonly isRejected: boolean;
  /** HTTP code, 0 where there was none. */
  readonly code: number;
  /** Of a rejection: the webhook said no, it could not be asked, or we failed. */
  readonly errorType?: 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error';
  readonly failedOpen?: boolean;
}

/** Names and labels as k8s.io/apiserver/pkg/admission/metrics. */
export function webhookMetrics(registry: MetricsRegistry | undefined): (outcome: CallOutcome) => void {
  if (registry === undefined) return () => undefined;
  const labels = ['name', 'type', 'operation', 'rejected'];
  const duration = registry.histogram(
    'apiserver_admission_webhook_admission_duration_seconds',
    'Time of one admission webhook, by operation and step.',
    [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25],
    labels,
  );
  const requests = registry.counter(
    'apiserver_admission_webhook_request_total',
    'Calls of admission webhooks, by HTTP code.',
    ['name', 'type', 'operation', 'code', 'rejected'],
  );
  const rejections = registry.counter(
    'apiserver_admission_webhook_rejection_count',
    'Requests that a webhook refused or that were refused since it could not be asked.',
    ['name', 'type', 'operation', 'error_type', 'rejection_code'],
  );
  const failedOpen = registry.counter(
    'apiserver_admission_webhook_fail_open_count',
    'Calls that failed and were let pass.',
    ['name', 'type'],
  );
  return ({ name, type, operation, seconds, isRejected, code, errorType, failedOpen: isOpen }) => {
    const rejected = String(isRejected);
    duration.observe(seconds, name, type, operation, rejected);
    requests.add(1, name, type, operation, String(code), rejected);
    if (isRejected && errorType !== undefined) rejections.add(1, name, type, operation, errorType, String(code));
    if (isOpen === true) failedOpen.add(1, name, type);
  };
}
