import type { ResourceRow } from '@reckon/api/kinds';
import { MetricsRegistry } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { WatchMetrics } from './watch-metrics';

const pods = { group: '', version: 'v1', resource: 'pods' } as ResourceRow;
const sample = (registry: MetricsRegistry, name: string): string | undefined =>
  registry
    .render()
    .split('\n')
    .find((line) => line.startsWith(`${name}{group="",version="v1",resource="pods"}`));

const message = (length: number): Buffer => {
  const framed = Buffer.alloc(4 + length);
  framed.writeUInt32BE(length);
  return framed;
};

describe('the metrics of watches', () => {
  it.each([
    ['lines', ['{"a":1}\n', '{"type":"ADDED"}\n'].map((line) => Buffer.from(line))],
    ['lengths', [message(0), message(300)]],
  ] as const)('count events however many are in a frame of %s, for each watcher', (framing, [one, two]) => {
    const registry = new MetricsRegistry();
    const metrics = new WatchMetrics(registry);
    const count = metrics.of(pods, framing);
    expect(metrics.of(pods, framing)).toBe(count);
    count(one);
    const both = Buffer.concat([one, two]);
    count(both);
    count(both);
    count(Buffer.alloc(0));
    expect(sample(registry, 'apiserver_watch_events_total')).toMatch(/ 5$/);
    expect(sample(registry, 'apiserver_watch_events_sizes_count')).toMatch(/ 5$/);
    expect(sample(registry, 'apiserver_watch_events_sizes_sum')).toMatch(
      new RegExp(` ${String(3 * one.length + 2 * two.length)}$`),
    );
  });

  it('are right for frames so long that they are not remembered', () => {
    const registry = new MetricsRegistry();
    const count = new WatchMetrics(registry).of(pods, 'lines');
    const frame = Buffer.from(`${'x'.repeat(80_000)}\ny\n`);
    count(frame);
    count(frame);
    expect(sample(registry, 'apiserver_watch_events_total')).toMatch(/ 4$/);
    expect(registry.render()).toContain(
      'apiserver_watch_events_sizes_bucket{le="65536",group="",version="v1",resource="pods"} 2\n',
    );
  });
});
