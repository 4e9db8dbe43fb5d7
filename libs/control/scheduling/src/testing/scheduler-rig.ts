import { InformerFactory } from '@reckon/client/cache';
import { type FakeClock, MetricsRegistry, RunningSet, fakeClock, seededRandom, silentLogger } from '@reckon/kernel';
import { startScheduler } from '../start-scheduler';
import { FakeCluster } from './fake-cluster';

export interface SchedulerRig {
  readonly cluster: FakeCluster;
  readonly clock: FakeClock;
  readonly metrics: MetricsRegistry;
  /** `Normal Scheduled default/p: Successfully …`, oldest first. */
  readonly events: string[];
  /** Lets everything that is ready happen. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** A whole scheduler against a fake cluster, on a clock that stands still. */
export function schedulerRig(seed = 1): SchedulerRig {
  const cluster = new FakeCluster();
  const clock = fakeClock();
  const deps = { clock, timers: clock, random: seededRandom(seed), logger: silentLogger };
  const running = new RunningSet();
  const informers = running.add(new InformerFactory(cluster.rest, deps));
  const metrics = new MetricsRegistry();
  const events: string[] = [];
  running.add(
    startScheduler({
      ...deps,
      rest: cluster.rest,
      informers,
      metrics,
      recorder: {
        event(about, _ref, type, reason, message) {
          events.push(`${type} ${reason} ${about.metadata.namespace ?? ''}/${about.metadata.name ?? ''}: ${message}`);
        },
      },
    }),
  );
  informers.start();
  return {
    cluster,
    clock,
    metrics,
    events,
    settle: () => clock.advance(0),
    stop: () => running.stop(),
  };
}
