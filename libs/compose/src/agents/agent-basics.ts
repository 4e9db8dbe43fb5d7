import { SharedObjects } from '@reckon/client/cache';
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
}

export const agentBasics = (logger: Logger): AgentBasics => ({
  clock: systemClock,
  timers: systemTimers,
  random: systemRandom,
  logger,
  objects: new SharedObjects(),
  metrics: new MetricsRegistry(),
});
