import { statusErrors } from '@reckon/api/machinery';
import { MetricsRegistry, fakeClock, silentLogger } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { Controller, type Reconcile, controllerMetricsIn, done, requeue, requeueAfter } from './controller';

function controllerOf(reconcile: Reconcile, workers = 2) {
  const clock = fakeClock();
  const registry = new MetricsRegistry();
  const levels: string[] = [];
  const logger = { ...silentLogger, debug: () => levels.push('debug'), warn: () => levels.push('warn') };
  const controller = new Controller(
    'test',
    reconcile,
    { clock, timers: clock, logger, metrics: controllerMetricsIn(registry) },
    { workers },
  );
  return { clock, registry, controller, levels };
}

describe('a controller', () => {
  it('works off keys that were added before and after its start', async () => {
    const seen: string[] = [];
    const { controller, clock } = controllerOf(async (key) => {
      seen.push(key);
      return done;
    });
    controller.enqueue('a');
    controller.start();
    controller.enqueue('b');
    await clock.advance(0);
    expect(seen).toEqual(['a', 'b']);
    await controller.stop();
  });

  it('comes back after an error, a requeue and a delay, and counts each outcome', async () => {
    const outcomes: Reconcile[] = [
      async () => {
        throw new Error('no');
      },
      async () => {
        throw statusErrors.conflict({ group: '', resource: 'pods' }, 'x', 'newer');
      },
      async () => requeue,
      async () => requeueAfter(60_000),
      async () => done,
    ];
    let at = 0;
    const { controller, clock, registry, levels } = controllerOf((key, signal) => outcomes[at++]!(key, signal));
    controller.start();
    controller.enqueue('a');
    await clock.advance(1000);
    expect(at).toBe(4);
    await clock.advance(60_000);
    expect(at).toBe(5);
    expect(levels).toEqual(['warn', 'debug']);
    const text = registry.render();
    for (const [outcome, n] of [
      ['done', 1],
      ['requeue', 1],
      ['requeue_after', 1],
      ['error', 2],
    ] as const)
      expect(text).toContain(`reckon_reconcile_total{controller="test",outcome="${outcome}"} ${String(n)}`);
    expect(text).toContain('workqueue_retries_total{name="test"} 3');
    await controller.stop();
  });

  it('never works on one key twice at once', async () => {
    let running = 0;
    let most = 0;
    const { controller, clock } = controllerOf(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return done;
    }, 5);
    controller.start();
    for (let i = 0; i < 5; i++) {
      controller.enqueue('a');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await clock.advance(0);
    expect(most).toBe(1);
    await controller.stop();
  });

  it('is quiet when it has stopped', async () => {
    let isEnded = false;
    const { controller, clock } = controllerOf(async (_, signal) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      isEnded = true;
      return done;
    });
    controller.start();
    controller.enqueue('a');
    await clock.advance(0);
    await controller.stop();
    expect(isEnded).toBe(true);
  });
});

it('the metrics of queues tell what is being worked on now', async () => {
  const { controller, clock, registry } = controllerOf(
    (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve(done);
        });
      }),
  );
  const samples = (): string[] =>
    registry
      .render()
      .split('\n')
      .filter((line) => /^workqueue_(depth|adds|unfinished|longest|work_duration_seconds_(sum|count))/.test(line));
  controller.start();
  controller.enqueue('a');
  await clock.advance(3_000);
  controller.enqueue('b');
  await clock.advance(1_000);
  controller.enqueue('waits');
  expect(samples()).toEqual([
    'workqueue_adds_total{name="test"} 3',
    'workqueue_depth{name="test"} 1',
    'workqueue_longest_running_processor_seconds{name="test"} 4',
    'workqueue_unfinished_work_seconds{name="test"} 5',
    'workqueue_work_duration_seconds_sum{name="test"} 0',
    'workqueue_work_duration_seconds_count{name="test"} 0',
  ]);
  await controller.stop();
  expect(samples()).toEqual([
    'workqueue_adds_total{name="test"} 3',
    'workqueue_depth{name="test"} 0',
    'workqueue_longest_running_processor_seconds{name="test"} 0',
    'workqueue_unfinished_work_seconds{name="test"} 0',
    'workqueue_work_duration_seconds_sum{name="test"} 5',
    'workqueue_work_duration_seconds_count{name="test"} 2',
  ]);
});

it('metrics of one kind of controller are declared once', () => {
  const metrics = controllerMetricsIn(new MetricsRegistry());
  const declare = (registry: MetricsRegistry) => registry.counter('own_total', 'Own.');
  expect(metrics.own(declare)).toBe(metrics.own(declare));
});
