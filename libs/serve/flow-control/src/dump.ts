import type { PriorityLevel } from './priority-level';
import type { Seat } from './seat';

export interface Dump {
  readonly levels: readonly PriorityLevel[];
  /** API time of a monotonic one. */
  apiMs(elapsedMs: number): number;
}

/** A row per priority level, as `/debug/api_priority_and_fairness/dump_priority_levels` upstream. */
export function dumpPriorityLevels({ levels }: Dump): string {
  return table([
    [
      'PriorityLevelName',
      'ActiveQueues',
      'IsIdle',
      'IsQuiescing',
      'WaitingRequests',
      'ExecutingRequests',
      'DispatchedRequests',
      'RejectedRequests',
      'TimedoutRequests',
      'CancelledRequests',
    ],
    ...byName(levels).map((level) => [
      level.spec.name,
      level.queues.filter((queue) => queue.waiting.length > 0).length,
      level.isIdle,
      level.isQuiescing,
      level.waiting,
      level.executing,
      level.counts.dispatched,
      level.counts.refused,
      level.counts.timedOut,
      level.counts.cancelled,
    ]),
  ]);
}

/** A row per queue. */
export function dumpQueues({ levels }: Dump): string {
  return table([
    [
      'PriorityLevelName',
      'Index',
      'PendingRequests',
      'ExecutingRequests',
      'SeatsInUse',
      'NextDispatchR',
      'InitialSeatsSum',
      'MaxSeatsSum',
      'TotalWorkSum',
    ],
    ...levels.flatMap((level) =>
      level.queues.map((queue, index) => [
        level.spec.name,
        index,
        queue.waiting.length,
        queue.executing,
        queue.seatsInUse,
        seatSeconds(queue.nextDispatch),
        queue.seatsWaiting,
        queue.seatsWaiting,
        seatSeconds(queue.seatsWaiting * 3),
      ]),
    ),
  ]);
}

/** A row per request that waits or is on a seat (index -1). */
export function dumpRequests(dump: Dump, includeDetails: boolean): string {
  const heads = [
    'PriorityLevelName',
    'FlowSchemaName',
    'QueueIndex',
    'RequestIndexInQueue',
    'FlowDistingsher',
    'ArriveTime',
    'InitialSeats',
    'FinalSeats',
    'AdditionalLatency',
    'StartTime',
  ];
  const details = ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'];
  const rows: (readonly Cell[])[] = [includeDetails ? [...heads, ...details] : heads];
  const add = (seat: Seat, queue: number, index: number): void => {
    const { user, info } = seat.request;
    const row: Cell[] = [
      seat.level.spec.name,
      seat.use.schema,
      queue,
      index,
      seat.distinguisher,
      timeText(dump.apiMs(seat.arrivedMs)),
      seat.width,
      0,
      '0s',
      seat.state === 'executing' ? timeText(dump.apiMs(seat.startedMs)) : '0001-01-01T00:00:00Z',
    ];
    const version = info.group === '' ? info.version : `${info.group}/${info.version}`;
    if (includeDetails)
      row.push(user.name, info.verb, info.path, info.namespace, info.name, version, info.resource, info.subresource);
    rows.push(row);
  };
  for (const level of dump.levels) {
    for (const [index, queue] of level.queues.entries())
      for (const [place, seat] of queue.waiting.entries()) add(seat, index, place);
    for (let seat = level.newest; seat !== undefined; seat = seat.before)
      add(seat, seat.queue === undefined ? -1 : level.queues.indexOf(seat.queue), -1);
  }
  return table(rows);
}

type Cell = string | number | boolean;

const seatSeconds = (seatMs: number): string => `${(seatMs / 1000).toFixed(8)}ss`;

const byName = (levels: readonly PriorityLevel[]): readonly PriorityLevel[] =>
  [...levels].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));

/** Go's RFC3339Nano: no zeros at the end of a fraction. */
const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');

/** With the space between two. */
const leastWidth = 8;

/** Values with commas, padded to columns, as Go's tabwriter does it. */
function table(rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? String(cell) : `${String(cell)},`)));
  const widths = (texts[0] ?? []).map((_, i) => Math.max(leastWidth, ...texts.map((row) => (row[i]?.length ?? 0) + 1)));
  return texts
    .map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('')}\n`)
    .join('');
}
