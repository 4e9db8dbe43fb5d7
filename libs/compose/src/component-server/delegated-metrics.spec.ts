import { statusErrors } from '@reckon/api/machinery';
import { fakeClock, MetricsRegistry } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { delegatedMetrics } from './delegated-metrics';

describe('questions to the apiserver', () => {
  it('are counted by what they were answered with', async () => {
    const metrics = new MetricsRegistry();
    const clock = fakeClock();
    const counted = delegatedMetrics('authn', metrics, clock);
    expect(
      await counted(async () => {
        clock.jump(600);
        return 7;
      }),
    ).toBe(7);
    await expect(counted(() => Promise.reject(statusErrors.unauthorized()))).rejects.toThrow('Unauthorized');
    await expect(counted(() => Promise.reject(new Error('nobody is there')))).rejects.toThrow('nobody');
    const lines = metrics.render().split('\n');
    for (const code of ['201', '401', '<error>'])
      expect(lines).toContain(`apiserver_delegated_authn_request_total{code="${code}"} 1`);
    expect(lines).toContain('apiserver_delegated_authn_request_duration_seconds_bucket{le="0.5",code="201"} 0');
    expect(lines).toContain('apiserver_delegated_authn_request_duration_seconds_bucket{le="0.7",code="201"} 1');
  });
});
