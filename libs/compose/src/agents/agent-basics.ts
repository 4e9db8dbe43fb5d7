import { SharedObjects } from '@reckon/client/cache';
import { RequestMetrics } from '@reckon/client/rest';
import {
  type Clock,
  type Logger,
  MetricsRegistry,
  type Monotonic,
  type Random,
  type Timers,
  type WallClock,
  systemClock,
  systemRandom,
  systemTimers,
} from '@reckon/kernel';

/** What every part of a program is made with. */
export interface AgentBasics {
  readonly clock: Clock & WallClock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** What several of its watches bring is parsed once. */
  readonly objects: SharedObjects;
  /** The registry that the program shows. */
  readonly metrics: MetricsRegistry;
  /** Of every client of the program, in `metrics`. */
  readonly requests: RequestMetrics;
}

export function agentBasics(logger: Logger): AgentBasics {
  const metrics = new MetricsRegistry();
  return {
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    logger,
    objects: new SharedObjects(),
    metrics,
    requests: new RequestMetrics(metrics),
  };
}
