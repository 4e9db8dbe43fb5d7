import type { Counter, Histogram, MetricsRegistry, Sample } from '@reckon/kernel';
import type { FlowUse } from './flow-use';
import type { PriorityLevel } from './priority-level';

const seconds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const prefix = 'apiserver_flowcontrol_';
const both = ['priority_level', 'flow_schema'];

/** What the metrics are read from when they are asked for. */
export interface FlowState {
  levels(): Iterable<PriorityLevel>;
  uses(): Iterable<FlowUse>;
  fairFraction(): number;
}

/** Names and labels as util/flowcontrol/metrics has them. */
export class FlowMetrics {
  readonly rejected: Counter;
  readonly dispatched: Counter;
  readonly noRoom: Counter;
  readonly waited: Histogram;
  readonly executed: Histogram;
  readonly width: Histogram;
  readonly queueLength: Histogram;
  readonly watchers: Histogram;

  constructor(metrics: MetricsRegistry, state: FlowState) {
    this.rejected = metrics.counter(
      `${prefix}rejected_requests_total`,
      'Requests that were refused a seat, by reason.',
      [...both, 'reason'],
    );
    this.dispatched = metrics.counter(`${prefix}dispatched_requests_total`, 'Requests that got a seat.', both);
    this.noRoom = metrics.counter(
      `${prefix}request_dispatch_no_accommodation_total`,
      'Times that the next request of a level was too wide for the seats left.',
      both,
    );
    this.waited = metrics.histogram(
      `${prefix}request_wait_duration_seconds`,
      'Time spent waiting for a seat.',
      seconds,
      [...both, 'execute'],
    );
    this.executed = metrics.histogram(
      `${prefix}request_execution_seconds`,
      'Time spent on a seat; of a watch, until it was open.',
      seconds,
      [...both, 'type'],
    );
    this.width = metrics.histogram(
      `${prefix}work_estimated_seats`,
      'Seats that requests were given.',
      [1, 2, 4, 10],
      both,
    );
    this.queueLength = metrics.histogram(
      `${prefix}request_queue_length_after_enqueue`,
      'Length of the queue that a request came into, itself counted.',
      [0, 10, 25, 50, 100, 250, 500, 1000],
      both,
    );
    this.watchers = metrics.histogram(
      `${prefix}watch_count_samples`,
      'Watchers of what a write changes.',
      [0, 1, 10, 100, 1000, 10_000],
      both,
    );
    for (const [name, help, read] of levelGauges)
      metrics.gaugesOf(prefix + name, help, ['priority_level'], () =>
        [...state.levels()].map((level): Sample => [[level.spec.name], read(level)]),
      );
    for (const [name, help, read] of useGauges)
      metrics.gaugesOf(prefix + name, help, both, () =>
        [...state.uses()].map((use): Sample => [[use.level, use.schema], read(use)]),
      );
    metrics.gaugeOf(`${prefix}seat_fair_frac`, 'Part of its demand that every level gets, bounds aside.', () =>
      state.fairFraction(),
    );
  }
}

const levelGauges: readonly [name: string, help: string, read: (level: PriorityLevel) => number][] = [
  ['nominal_limit_seats', 'Seats of a level by its shares.', (level) => level.limits.nominal],
  ['lower_limit_seats', 'Seats that a level never lends.', (level) => level.limits.lower],
  ['upper_limit_seats', 'Seats that a level has at most, borrowed ones counted.', (level) => level.limits.upper],
  ['current_limit_seats', 'Seats that a level has now.', (level) => level.limit],
  [
    'demand_seats_high_watermark',
    'Most seats wanted at once in the last period.',
    (level) => level.demand.highWatermark,
  ],
  ['demand_seats_average', 'Seats wanted in the last period, on average.', (level) => level.demand.average],
  [
    'demand_seats_stdev',
    'Standard deviation of the seats wanted in the last period.',
    (level) => level.demand.deviation,
  ],
  ['demand_seats_smoothed', 'Seats wanted over several periods.', (level) => level.demand.smoothed],
  ['target_seats', 'Seats that a level would get if there were enough.', (level) => level.targetSeats],
  ['current_r', 'Progress of a level in seat-seconds.', (level) => level.work / 1000],
];

const useGauges: readonly [name: string, help: string, read: (use: FlowUse) => number][] = [
  ['current_executing_requests', 'Requests that are on a seat.', (use) => use.executing],
  ['current_executing_seats', 'Seats in use.', (use) => use.seatsInUse],
  ['current_inqueue_requests', 'Requests that wait.', (use) => use.queued],
  ['current_inqueue_seats', 'Seats that are waited for.', (use) => use.seatsQueued],
];
