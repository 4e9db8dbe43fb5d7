import { describe, expect, it } from 'vitest';
import { systemClock } from './clock';
import { MetricsRegistry } from './metrics';
import { processMetrics } from './process-metrics';

const valueOf = (text: string, name: string): number =>
  Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text)?.[1]);

describe('the metrics of a process', () => {
  it('say what the system knows of it', () => {
    const metrics = new MetricsRegistry();
    processMetrics(metrics, systemClock);
    const text = metrics.render();
    const started = valueOf(text, 'process_start_time_seconds') * 1000;
    expect(Math.abs(systemClock.wallMs() - process.uptime() * 1000 - started)).toBeLessThan(1000);
    expect(valueOf(text, 'process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(10e6);
    expect(valueOf(text, 'process_heap_bytes')).toBeGreaterThan(1e6);
    expect(text).toContain('reckon_event_loop_delay_seconds{quantile="0.99"}');
  });
});
