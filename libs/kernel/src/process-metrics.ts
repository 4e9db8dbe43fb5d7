import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { WallClock } from './clock';
import type { MetricsRegistry } from './metrics';

/**
 * What every Prometheus client says of its process, under the names that they agreed on; with the delay of the event loop, on which
 * everything here waits. Once per process: a thread of it shares all but the heap.
 */
export function processMetrics(metrics: MetricsRegistry, clock: WallClock): void {
  const startedSeconds = clock.wallMs() / 1000 - process.uptime();
  metrics.gaugeOf('process_start_time_seconds', 'Start of the process, in Unix time.', () => startedSeconds);
  metrics.counterOf('process_cpu_seconds_total', 'Processor time used, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.gaugeOf('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  metrics.gaugeOf('process_heap_bytes', 'Heap of the main thread, in use.', () => getHeapStatistics().used_heap_size);
  const descriptors = openDescriptors();
  if (descriptors !== undefined) {
    metrics.gaugeOf('process_open_fds', 'Open file descriptors.', () => openDescriptors() ?? 0);
    metrics.gaugeOf('process_max_fds', 'File descriptors that the process may open.', maxDescriptors);
  }
  // Its timer does not keep the process alive.
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  metrics.gaugesOf(
    'reckon_event_loop_delay_seconds',
    'How late timers of the main thread fire, by quantile, since the last time this was asked.',
    ['quantile'],
    () => {
      const samples = [0.5, 0.99].map((q) => [[String(q)], delay.percentile(q * 100) / 1e9] as const);
      delay.reset();
      return samples;
    },
  );
}

/** Only where the system shows them as files. */
function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

function maxDescriptors(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}
