import type { Monotonic, Timers } from '@reckon/kernel';
import { Demand } from './demand';
import { FlowQueue } from './flow-queue';
import type { FlowRequest } from './flow-request';
import type { FlowUse } from './flow-use';
import type { LevelLimits, LevelSpec } from './level-limits';
import { RetryAfter } from './retry-after';
import { type RefusalReason, Seat } from './seat';
import { dealHand } from './shuffle-shard';
import { Utilization } from './utilization';

/** What a request is taken to last before it is known. */
const guessMs = 3;
/** Bounds of histograms, as util/flowcontrol/metrics has them. */
export const seatBounds = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];
export const requestBounds = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1];
/** Hands of a schema that are remembered; beyond it all are dealt again. */
const mostHands = 10_000;

export interface LevelParts {
  readonly monotonic: Monotonic;
  readonly timers: Timers;
  /** A request waits this long at most. */
  readonly waitLimitMs: number;
}

/**
 * The seats of one priority level, and the queues before them.
 *
 * Fair queuing for server requests (util/flowcontrol/fairqueuing/queueset `doc.go`): `work` is the progress R that every busy queue
 * has made if the seats were shared evenly among them; a queue's `nextDispatch` is the progress at which its next request is due, and
 * moves on by what its requests really cost. A free seat goes to the queue whose next request would end first. So a flow that asks for
 * much runs ahead of R and waits, one that asks for little never does.
 */
export class PriorityLevel {
  limits: LevelLimits = { nominal: 0, lower: 0, upper: 0 };
  /** Seats that it has now, with what it has borrowed and lent. */
  limit = 0;
  targetSeats = 0;
  /** No object speaks of it any more: it goes when it is idle. */
  isQuiescing = false;
  readonly demand: Demand;
  /** What the refused are told. */
  readonly retryAfter = new RetryAfter();
  /** To which part it was used: seats of those there are, requests of the seats and of the places in queues. */
  readonly used: { readonly seats: Utilization; readonly executing: Utilization; readonly waiting: Utilization };
  /** Progress when the newest was given its seats, and that at which it was due. */
  dispatchWork = 0;
  latestDue = 0;
  /** R, in seat-milliseconds. */
  work = 0;
  queues: FlowQueue[] = [];
  seatsInUse = 0;
  executing = 0;
  waiting = 0;
  counts = { dispatched: 0, refused: 0, timedOut: 0, cancelled: 0 };
  /** The newest of those that execute. */
  newest: Seat | undefined;
  private seatsWaiting = 0;
  private activeQueues = 0;
  private sinceMs: number;
  private robin = 0;
  private deals = 0;
  /** By schema, then by distinguisher. */
  private readonly hands = new Map<string, Map<string, readonly number[]>>();

  constructor(
    private readonly parts: LevelParts,
    public spec: LevelSpec,
  ) {
    this.sinceMs = parts.monotonic.elapsedMs();
    this.demand = new Demand(this.sinceMs);
    this.used = {
      seats: new Utilization(seatBounds, this.sinceMs),
      executing: new Utilization(requestBounds, this.sinceMs),
      waiting: new Utilization(requestBounds, this.sinceMs),
    };
  }

  get isIdle(): boolean {
    return this.executing === 0 && this.waiting === 0;
  }

  /** Queues too many are dealt to nobody; they go when they are empty. */
  configure(spec: LevelSpec): void {
    const before = this.spec.queuing;
    this.spec = spec;
    const { queuing } = spec;
    if (queuing?.queues !== before?.queues || queuing?.handSize !== before?.handSize) this.hands.clear();
    while (this.queues.length < (queuing?.queues ?? 0)) this.queues.push(new FlowQueue());
    this.trim();
  }

  setLimit(limit: number): void {
    this.passTime();
    this.limit = limit;
    this.dispatchWaiting();
  }

  start(use: FlowUse, request: FlowRequest, width: number): Seat {
    const nowMs = this.passTime();
    const { queuing, isExempt } = this.spec;
    const distinguisher = distinguisherOf(use, request);
    const seat = new Seat(this, use, request, width, distinguisher, nowMs);
    use.width(width);
    if (isExempt || queuing === undefined) {
      if (isExempt || this.hasRoom(width)) this.execute(seat, nowMs);
      else this.refuse(seat, 'concurrency-limit');
      return seat;
    }
    const queue = this.queueOf(use.schema, distinguisher, queuing.queues, queuing.handSize);
    seat.queue = queue;
    seat.arrivalWork = this.work;
    if (!queue.isActive || (queue.waiting.length === 0 && queue.nextDispatch < this.work))
      queue.nextDispatch = this.work;
    if (this.waiting === 0 && this.hasRoom(width)) {
      this.begin(seat, queue, nowMs);
      return seat;
    }
    if (this.seatsInUse >= this.limit && queue.waiting.length >= queuing.queueLengthLimit) {
      this.refuse(seat, 'queue-full');
      return seat;
    }
    this.enqueue(seat, queue);
    this.dispatchWaiting();
    return seat;
  }

  finish(seat: Seat): void {
    const nowMs = this.passTime();
    const { queue, use, width } = seat;
    seat.state = 'done';
    this.unlink(seat);
    this.executing--;
    this.seatsInUse -= width;
    use.executing--;
    use.seatsInUse -= width;
    const lastedMs = nowMs - seat.startedMs;
    use.ended(seat.request.info.verb === 'watch', lastedMs / 1000);
    if (queue !== undefined) {
      queue.executing--;
      queue.seatsInUse -= width;
      // It was charged for a guess.
      queue.nextDispatch -= width * (guessMs - lastedMs);
      queue.bound();
      if (!queue.isActive) this.activeQueues--;
    }
    if (this.waiting > 0) this.dispatchWaiting();
    this.note(nowMs);
    if (this.queues.length > (this.spec.queuing?.queues ?? 0)) this.trim();
  }

  /** Takes one out of its queue. */
  refuseQueued(seat: Seat, reason: RefusalReason): void {
    const { queue } = seat;
    if (seat.state !== 'queued' || queue === undefined) return;
    const nowMs = this.passTime();
    queue.waiting.splice(queue.waiting.indexOf(seat), 1);
    this.leaveQueue(seat, queue);
    queue.bound();
    if (!queue.isActive) this.activeQueues--;
    this.note(nowMs);
    if (reason === 'time-out') this.counts.timedOut++;
    if (reason === 'cancelled') this.counts.cancelled++;
    this.refuse(seat, reason);
    seat.decide?.(false);
    // The one behind it may be narrower.
    this.dispatchWaiting();
  }

  /** So many seats and places are taken from now on. */
  private note(nowMs: number): void {
    const { queuing } = this.spec;
    this.demand.set(this.seatsInUse + this.seatsWaiting, nowMs);
    const seats = this.limit || 1;
    this.used.seats.set(this.seatsInUse / seats, nowMs);
    this.used.executing.set(this.executing / seats, nowMs);
    if (queuing !== undefined)
      this.used.waiting.set(this.waiting / (queuing.queues * queuing.queueLengthLimit || 1), nowMs);
  }

  /** A request wider than all seats goes when it has them to itself. */
  private hasRoom(width: number): boolean {
    if (width > this.limit) return this.executing === 0;
    return this.seatsInUse + width <= this.limit;
  }

  /** R moves on by the seats that each busy queue had, for as long as they were so many. */
  private passTime(): number {
    const nowMs = this.parts.monotonic.elapsedMs();
    if (this.activeQueues > 0) {
      const wanted = Math.min(this.seatsInUse + this.seatsWaiting, this.limit);
      this.work += (wanted / this.activeQueues) * (nowMs - this.sinceMs);
    }
    this.sinceMs = nowMs;
    return nowMs;
  }

  /** Of the flow's hand the one with the least work waiting; where they are equal, each has its turn. */
  private queueOf(schema: string, distinguisher: string, deckSize: number, handSize: number): FlowQueue {
    let ofSchema = this.hands.get(schema);
    if (ofSchema === undefined) this.hands.set(schema, (ofSchema = new Map<string, readonly number[]>()));
    let hand = ofSchema.get(distinguisher);
    if (hand === undefined) {
      if (ofSchema.size >= mostHands) ofSchema.clear();
      ofSchema.set(distinguisher, (hand = dealHand(schema, distinguisher, deckSize, handSize)));
    }
    const offset = this.deals++ % hand.length;
    let best: FlowQueue | undefined;
    for (let i = 0; i < hand.length; i++) {
      const queue = this.queues[hand[(offset + i) % hand.length] ?? 0];
      if (queue !== undefined && (best === undefined || queue.seatsWaiting < best.seatsWaiting)) best = queue;
    }
    if (best === undefined) throw new Error(`priority level ${this.spec.name} has no queue`);
    return best;
  }

  private enqueue(seat: Seat, queue: FlowQueue): void {
    const { use, width } = seat;
    if (!queue.isActive) this.activeQueues++;
    seat.state = 'queued';
    queue.waiting.push(seat);
    queue.bound();
    queue.seatsWaiting += width;
    this.waiting++;
    this.seatsWaiting += width;
    use.queued++;
    use.seatsQueued += width;
    use.metrics.queueLength.observe(queue.waiting.length, use.level, use.schema);
    this.note(seat.arrivedMs);
    seat.cancelTimer = this.parts.timers.after(this.parts.waitLimitMs, () => {
      this.refuseQueued(seat, 'time-out');
    });
  }

  private leaveQueue(seat: Seat, queue: FlowQueue): void {
    const { use, width } = seat;
    queue.seatsWaiting -= width;
    this.waiting--;
    this.seatsWaiting -= width;
    use.queued--;
    use.seatsQueued -= width;
    seat.cancelTimer?.();
    seat.cancelTimer = undefined;
  }

  private dispatchWaiting(): void {
    while (this.waiting > 0 && this.seatsInUse < this.limit && this.dispatchNext());
  }

  /** False when the next in line does not fit: it is waited for, not passed over, or a wide request would starve. */
  private dispatchNext(): boolean {
    const queue = this.nextQueue();
    const seat = queue?.waiting[0];
    if (queue === undefined || seat === undefined) return false;
    if (!this.hasRoom(seat.width)) {
      seat.use.metrics.noRoom.add(1, seat.use.level, seat.use.schema);
      return false;
    }
    queue.waiting.shift();
    this.leaveQueue(seat, queue);
    if (!queue.isActive) this.activeQueues--;
    this.begin(seat, queue, this.sinceMs);
    queue.bound();
    seat.decide?.(true);
    return true;
  }

  /** The queue whose oldest request would end first; round robin among equals. */
  private nextQueue(): FlowQueue | undefined {
    let best: FlowQueue | undefined;
    let bestEnd = Number.POSITIVE_INFINITY;
    let bestIndex = this.robin;
    const count = this.queues.length;
    for (let i = 1; i <= count; i++) {
      const index = (this.robin + i) % count;
      const queue = this.queues[index];
      const oldest = queue?.waiting[0];
      if (queue === undefined || oldest === undefined) continue;
      const end = queue.nextDispatch + oldest.width * guessMs;
      if (end >= bestEnd) continue;
      best = queue;
      bestEnd = end;
      bestIndex = index;
    }
    this.robin = bestIndex;
    return best;
  }

  private begin(seat: Seat, queue: FlowQueue, nowMs: number): void {
    if (!queue.isActive) this.activeQueues++;
    queue.executing++;
    queue.seatsInUse += seat.width;
    this.dispatchWork = this.work;
    this.latestDue = queue.nextDispatch;
    queue.nextDispatch += seat.width * guessMs;
    this.execute(seat, nowMs);
  }

  private execute(seat: Seat, nowMs: number): void {
    const { use, width } = seat;
    seat.state = 'executing';
    seat.startedMs = nowMs;
    seat.before = this.newest;
    if (this.newest !== undefined) this.newest.after = seat;
    this.newest = seat;
    this.executing++;
    this.seatsInUse += width;
    this.counts.dispatched++;
    use.executing++;
    use.seatsInUse += width;
    use.dispatched(1);
    if (!this.spec.isExempt) use.waited((nowMs - seat.arrivedMs) / 1000);
    this.note(nowMs);
  }

  private refuse(seat: Seat, reason: RefusalReason): void {
    seat.state = 'refused';
    this.counts.refused++;
    this.retryAfter.count(this.sinceMs);
    seat.use.refused(reason, (this.sinceMs - seat.arrivedMs) / 1000);
  }

  private unlink(seat: Seat): void {
    if (seat.before !== undefined) seat.before.after = seat.after;
    if (seat.after !== undefined) seat.after.before = seat.before;
    else this.newest = seat.before;
    seat.before = seat.after = undefined;
  }

  /** When the next in line of each queue is due, in seat-milliseconds; less what its requests on seats are taken to need, too. */
  *due(): Iterable<{ readonly at: number; readonly discounted: number }> {
    for (const { waiting, nextDispatch, seatsInUse } of this.queues)
      if (waiting.length > 0) yield { at: nextDispatch, discounted: nextDispatch - seatsInUse * guessMs };
  }

  private trim(): void {
    const wanted = this.spec.queuing?.queues ?? 0;
    while (this.queues.length > wanted && this.queues.at(-1)?.isActive === false) this.queues.pop();
    if (this.robin >= this.queues.length) this.robin = 0;
  }
}

function distinguisherOf(use: FlowUse, request: FlowRequest): string {
  switch (use.distinguishBy) {
    case 'ByUser':
      return request.user.name;
    case 'ByNamespace':
      return request.info.namespace;
    case undefined:
      return '';
  }
}
