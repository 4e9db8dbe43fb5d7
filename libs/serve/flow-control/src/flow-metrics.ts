import type { Counter, Histogram, MetricsRegistry, Sample } from '@reckon/kernel';
import type { FlowUse } from './flow-use';
import { type PriorityLevel, requestBounds, seatBounds } from './priority-level';
import type { Utilization } from './utilization';

const seconds = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
const prefix = 'apiserver_flowcontrol_';
const both = ['priority_level', 'flow_schema'];

/** What the metrics are read from when they are asked for. */
export interface FlowState {
  levels(): Iterable<PriorityLevel>;
  uses(): Iterable<FlowUse>;
  fairFraction(): number;
  nowMs(): number;
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
    for (const [name, help, read] of boundGauges)
      metrics.gaugesOf(prefix + name, help, ['priority_level', 'bound'], () =>
        [...state.levels()].flatMap((level): Sample[] => {
          const all = [...level.due()].map(read);
          const [min, max] = all.length === 0 ? [0, 0] : [Math.min(...all), Math.max(...all)];
          return [
            [[level.spec.name, 'min'], min / 1000],
            [[level.spec.name, 'max'], max / 1000],
          ];
        }),
      );
    this.utilization(metrics, state);
    metrics.gaugeOf(`${prefix}seat_fair_frac`, 'Part of its demand that every level gets, bounds aside.', () =>
      state.fairFraction(),
    );
  }

  private utilization(metrics: MetricsRegistry, state: FlowState): void {
    type Parts = (level: PriorityLevel) => Readonly<Record<string, Utilization>>;
    const declare = (name: string, help: string, bounds: readonly number[], parts: Parts): void => {
      const labelNames = ['phase', 'priority_level'];
      metrics.histogramsOf({ name: prefix + name, help, bounds, labelNames }, () =>
        [...state.levels()].flatMap((level) =>
          Object.entries(parts(level)).map(
            ([phase, used]) => [[phase, level.spec.name], used.series(state.nowMs())] as const,
          ),
        ),
      );
    };
    declare(
      'priority_level_seat_utilization',
      'Nanoseconds by the part of its seats that a level used.',
      seatBounds,
      ({ used }) => ({
        executing: used.seats,
      }),
    );
    declare(
      'priority_level_request_utilization',
      'Nanoseconds by requests on a seat or waiting, as a part of the seats and of the places in queues.',
      requestBounds,
      ({ used: { executing, waiting } }) => ({ executing, waiting }),
    );
  }
}

type Due = ReturnType<PriorityLevel['due']> extends Iterable<infer D> ? D : never;

const boundGauges: readonly [name: string, help: string, read: (due: Due) => number][] = [
  [
    'next_s_bounds',
    'When the first in line are due, the first and the last of all queues, in seat-seconds.',
    (d) => d.at,
  ],
  ['next_discounted_s_bounds', 'As next_s_bounds, less what requests on seats are taken to need.', (d) => d.discounted],
];

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
  ['dispatch_r', 'Progress of a level when it last gave a seat.', (level) => level.dispatchWork / 1000],
  ['latest_s', 'Progress at which the request was due that last got a seat.', (level) => level.latestDue / 1000],
];

const useGauges: readonly [name: string, help: string, read: (use: FlowUse) => number][] = [
  ['current_executing_requests', 'Requests that are on a seat.', (use) => use.executing],
  ['current_executing_seats', 'Seats in use.', (use) => use.seatsInUse],
  ['current_inqueue_requests', 'Requests that wait.', (use) => use.queued],
  ['current_inqueue_seats', 'Seats that are waited for.', (use) => use.seatsQueued],
];
