import { bool, choice, duration, file, float, text, whole } from './flag';

const version = (backend: string) =>
  choice(`version in which events go to the ${backend}`, ['audit.k8s.io/v1'] as const, 'audit.k8s.io/v1');

const truncation = (backend: string) => ({
  enabled: bool(`cut events for the ${backend} that are too large`),
  event: whole('bytes of an event; a larger one loses its objects, and is dropped if that does not help', {
    initial: 100 * 1024,
    least: 1,
  }),
  batch: whole('bytes of events that go together', { initial: 10 * 1024 * 1024, least: 1 }),
});

const modes = ['batch', 'blocking', 'blocking-strict'] as const;
const modeHelp =
  'how events go out: batch gathers them, blocking lets requests wait until they are out, blocking-strict refuses requests whose coming cannot be written down';
const log = truncation('log');
const webhook = truncation('webhook');

/** Names and defaults of k8s.io/apiserver/pkg/server/options `AuditOptions`. */
export const auditFlags = {
  'audit-policy-file': file('what is written down of which requests: a Policy of audit.k8s.io/v1'),
  'audit-log-path': text('file of the audit log; - is standard output', '', { placeholder: 'file' }),
  'audit-log-format': choice('what lines of the audit log are', ['json', 'legacy'] as const, 'json'),
  'audit-log-maxage': whole('days that old audit logs are kept; 0 sets no limit', { initial: 366 }),
  'audit-log-maxbackup': whole('old audit logs that are kept; 0 sets no limit', { initial: 100 }),
  'audit-log-maxsize': whole('megabytes of the audit log before a new one begins; 0 sets no limit', { initial: 100 }),
  'audit-log-compress': bool('compress old audit logs with gzip'),
  'audit-log-mode': choice(modeHelp, modes, 'blocking'),
  'audit-log-batch-buffer-size': whole('events that wait for the log at most', { initial: 10_000, least: 1 }),
  'audit-log-batch-max-size': whole('events of a batch', { initial: 1, least: 1 }),
  'audit-log-batch-max-wait': duration('longest time before a batch goes, however small', '0s'),
  'audit-log-batch-throttle-enable': bool('limit the rate of batches'),
  'audit-log-batch-throttle-qps': float('batches per second', 0),
  'audit-log-batch-throttle-burst': whole('batches at once after a pause', { initial: 0 }),
  'audit-log-truncate-enabled': log.enabled,
  'audit-log-truncate-max-event-size': log.event,
  'audit-log-truncate-max-batch-size': log.batch,
  'audit-log-version': version('log'),
  'audit-webhook-config-file': file('kubeconfig of the webhook that takes audit events'),
  'audit-webhook-initial-backoff': duration('time before the first retry', '10s'),
  'audit-webhook-batch-initial-backoff': duration(
    'as --audit-webhook-initial-backoff, which counts where both are given (upstream has deprecated this one)',
    '10s',
  ),
  'audit-webhook-mode': choice(modeHelp, modes, 'batch'),
  'audit-webhook-batch-buffer-size': whole('events that wait for the webhook at most', { initial: 10_000, least: 1 }),
  'audit-webhook-batch-max-size': whole('events of a batch', { initial: 400, least: 1 }),
  'audit-webhook-batch-max-wait': duration('longest time before a batch goes, however small', '30s'),
  'audit-webhook-batch-throttle-enable': bool('limit the rate of batches', true),
  'audit-webhook-batch-throttle-qps': float('batches per second', 10),
  'audit-webhook-batch-throttle-burst': whole('batches at once after a pause', { initial: 15 }),
  'audit-webhook-truncate-enabled': webhook.enabled,
  'audit-webhook-truncate-max-event-size': webhook.event,
  'audit-webhook-truncate-max-batch-size': webhook.batch,
  'audit-webhook-version': version('webhook'),
};
