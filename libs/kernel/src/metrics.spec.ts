import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { MetricsRegistry } from './metrics';

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .sort();

describe('MetricsRegistry', () => {
  it('writes large bounds as Go does, since they are compared as text', () => {
    const registry = new MetricsRegistry();
    registry.histogram('bytes', 'Bytes.', [0.5, 1000, 131_072, 1e6, 1.5e6, 1e9, 1e12]);
    expect([...registry.render().matchAll(/le="([^"]*)"/g)].map(([, le]) => le)).toEqual([
      '0.5',
      '1000',
      '131072',
      '1e+06',
      '1.5e+06',
      '1e+09',
      '1e+12',
      '+Inf',
    ]);
  });

  it('writes the lines that prom-client writes', async () => {
    const ours = new MetricsRegistry();
    const theirs = new Registry();
    const registers = [theirs];
    const [help, labelNames] = ['What "it" is.\nSecond \\ line.', ['verb', 'code']];

    ours.counter('plain_total', help);
    new Counter({ name: 'plain_total', help, registers });

    const counter = ours.counter('requests_total', help, labelNames);
    const theirCounter = new Counter({ name: 'requests_total', help, labelNames, registers });
    counter.add(1, 'GET', '200');
    counter.add(2, 'GET', '200');
    counter.add(1, 'a"b\\c\nd', '500');
    theirCounter.inc({ verb: 'GET', code: '200' }, 3);
    theirCounter.inc({ verb: 'a"b\\c\nd', code: '500' });

    ours.gauge('depth', help, ['queue']).set(-1.5, 'q');
    new Gauge({ name: 'depth', help, labelNames: ['queue'], registers }).set({ queue: 'q' }, -1.5);
    const zones = ours.gauge('zones', help, ['zone']);
    const theirZones = new Gauge({ name: 'zones', help, labelNames: ['zone'], registers });
    for (const zone of ['r:\u0000:a', 'r:\u0000:b']) {
      zones.of(zone)(4);
      theirZones.set({ zone }, 4);
    }
    zones.of('new');
    theirZones.set({ zone: 'new' }, 0);
    counter.of('GET', '200')(4);
    theirCounter.inc({ verb: 'GET', code: '200' }, 4);
    ours.gaugesOf('objects', help, ['resource'], () => [
      [['pods'], 3],
      [['nodes'], 0],
    ]);
    const objects = new Gauge({ name: 'objects', help, labelNames: ['resource'], registers });
    objects.set({ resource: 'pods' }, 3);
    objects.set({ resource: 'nodes' }, 0);
    ours.counterOf('kept_total', help, () => 9);
    new Counter({ name: 'kept_total', help, registers }).inc(9);
    ours.gaugeOf('asked', help, () => 7);
    new Gauge({ name: 'asked', help, registers }).set(7);

    const histogram = ours.histogram('seconds', help, [0.1, 1, 10], ['verb']);
    const theirHistogram = new Histogram({
      name: 'seconds',
      help,
      buckets: [0.1, 1, 10],
      labelNames: ['verb'],
      registers,
    });
    for (const value of [0, 0.1, 0.5, 1, 5, 11]) {
      histogram.observe(value, 'GET');
      theirHistogram.observe({ verb: 'GET' }, value);
      histogram.of('POST')(value);
      theirHistogram.observe({ verb: 'POST' }, value);
    }
    expect(linesOf(ours.render())).toEqual(linesOf(await theirs.metrics()));
  });

  it('starts at zero where there are no labels', () => {
    const registry = new MetricsRegistry();
    registry.counter('a_total', 'A.');
    registry.gauge('b', 'B.');
    registry.histogram('c', 'C.', [1]);
    expect(registry.render()).toBe(
      [
        '# HELP a_total A.',
        '# TYPE a_total counter',
        'a_total 0',
        '# HELP b B.',
        '# TYPE b gauge',
        'b 0',
        '# HELP c C.',
        '# TYPE c histogram',
        'c_bucket{le="1"} 0',
        'c_bucket{le="+Inf"} 0',
        'c_sum 0',
        'c_count 0',
        '',
      ].join('\n'),
    );
  });

  it('refuses a name twice', () => {
    const registry = new MetricsRegistry();
    registry.counter('a_total', 'A.');
    expect(() => registry.gauge('a_total', 'A.')).toThrow('metric declared twice: a_total');
  });

  it('shows histograms that something else keeps', () => {
    const metrics = new MetricsRegistry();
    metrics.histogramsOf({ name: 'use', help: 'Use.', bounds: [0.5, 1], labelNames: ['of'] }, () => [
      [['seats'], { counts: [3, 4], sum: 4.5, count: 9 }],
    ]);
    expect(metrics.render()).toBe(
      [
        '# HELP use Use.',
        '# TYPE use histogram',
        'use_bucket{le="0.5",of="seats"} 3',
        'use_bucket{le="1",of="seats"} 7',
        'use_bucket{le="+Inf",of="seats"} 9',
        'use_sum{of="seats"} 4.5',
        'use_count{of="seats"} 9',
        '',
      ].join('\n'),
    );
  });
});
