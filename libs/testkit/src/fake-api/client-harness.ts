import { InformerFactory } from '@reckon/client/cache';
import { RestClient } from '@reckon/client/rest';
import { type ControllerMetrics, EventBroadcaster, controllerMetricsIn } from '@reckon/control/runtime';
import {
  type Clock,
  type Logger,
  MetricsRegistry,
  type Monotonic,
  type Random,
  type Running,
  RunningSet,
  type Timers,
  seededRandom,
  silentLogger,
  systemClock,
  systemTimers,
} from '@reckon/kernel';
import { type FakeApi, startFakeApi } from './fake-api';

/** All that a controller, a scheduler or a kubelet is given, on a fake API. */
export interface ClientHarness extends Running {
  readonly api: FakeApi;
  readonly rest: RestClient;
  readonly informers: InformerFactory;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
  /** What `metrics` counts in. */
  readonly registry: MetricsRegistry;
  recorder(component: string): EventBroadcaster;
  /** Stopped before the harness's own parts. */
  add<T extends Running>(part: T): T;
}

/** `time` replaces the system's clock and timers, in the fake API too. */
export async function startClientHarness(
  options: { readonly time?: Clock & Monotonic & Timers; readonly api?: FakeApi } = {},
): Promise<ClientHarness> {
  const { clock, timers } =
    options.time === undefined
      ? { clock: systemClock, timers: systemTimers }
      : { clock: options.time, timers: options.time };
  const api = options.api ?? (await startFakeApi({ clock }));
  const rest = new RestClient(api.config, { clock, timers });
  const random = seededRandom(7);
  const informers = new InformerFactory(rest, { timers, random, logger: silentLogger });
  const parts = new RunningSet();
  const registry = new MetricsRegistry();
  return {
    api,
    rest,
    informers,
    clock,
    timers,
    random,
    logger: silentLogger,
    metrics: controllerMetricsIn(registry),
    registry,
    recorder: (component) => parts.add(new EventBroadcaster({ rest, clock, logger: silentLogger, component })),
    add: (part) => parts.add(part),
    async stop() {
      await parts.stop();
      await informers.stop();
      await rest.close();
      await api.stop();
    },
  };
}
