import type { MetricsRegistry } from '@reckon/kernel';
import type { TokenUse } from '@reckon/serve/authn';

/** How tokens of service accounts are used, under upstream's names (pkg/serviceaccount/metrics). */
export function tokenUseMetrics(metrics: MetricsRegistry): (use: TokenUse) => void {
  const counters = {
    valid: metrics.counter('serviceaccount_valid_tokens_total', 'Uses of extended tokens that were in time.'),
    stale: metrics.counter('serviceaccount_stale_tokens_total', 'Uses of extended tokens that were late.'),
    legacy: metrics.counter('serviceaccount_legacy_tokens_total', 'Uses of tokens that stand in Secrets.'),
    generated: metrics.counter(
      'serviceaccount_legacy_auto_token_uses_total',
      'Uses of tokens that stand in Secrets which a controller made.',
    ),
    manual: metrics.counter(
      'serviceaccount_legacy_manual_token_uses_total',
      'Uses of tokens that stand in Secrets which somebody made.',
    ),
    invalidated: metrics.counter(
      'serviceaccount_invalid_legacy_auto_token_uses_total',
      'Uses of tokens that stand in Secrets which were marked invalid.',
    ),
  };
  return (use) => {
    counters[use].add(1);
  };
}
