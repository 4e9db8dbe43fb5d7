import type { FlowQueue } from './flow-queue';
import type { FlowRequest } from './flow-request';
import type { FlowUse } from './flow-use';
import type { PriorityLevel } from './priority-level';

export type RefusalReason = 'concurrency-limit' | 'queue-full' | 'time-out' | 'cancelled';

/**
 * One request in its priority level. `wait` is for a queued one; `finish` gives its seats back, however it went.
 *
 * states: (queued →) executing → done, or queued → refused
 */
export class Seat {
  state: 'queued' | 'executing' | 'done' | 'refused' = 'refused';
  startedMs = 0;
  /** Seat-milliseconds that the level had worked when this came. */
  arrivalWork = 0;
  queue: FlowQueue | undefined;
  cancelTimer: (() => void) | undefined;
  decide: ((isServed: boolean) => void) | undefined;
  /** Neighbours among those that execute in the level. */
  before: Seat | undefined;
  after: Seat | undefined;

  constructor(
    readonly level: PriorityLevel,
    readonly use: FlowUse,
    readonly request: FlowRequest,
    /** Of one request at once. */
    readonly width: number,
    readonly distinguisher: string,
    readonly arrivedMs: number,
  ) {}

  /** `X-Kubernetes-PF-…`, flat: what the answer says of its classification. */
  get headers(): readonly string[] {
    return this.use.headers;
  }

  /** Seconds that its client is told to stay away, if it is refused. */
  get retryAfterSeconds(): number {
    return this.level.retryAfter.seconds;
  }

  /** Resolves with true once it may go on, with false when it is refused. The signal takes it out of its queue. */
  wait(signal: AbortSignal): Promise<boolean> {
    if (this.state !== 'queued') return Promise.resolve(this.state === 'executing');
    return new Promise((resolve) => {
      const leave = (): void => {
        this.level.refuseQueued(this, 'cancelled');
      };
      this.decide = (isServed) => {
        signal.removeEventListener('abort', leave);
        resolve(isServed);
      };
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
    });
  }

  /** Calling it again does nothing. */
  finish(): void {
    if (this.state === 'executing') this.level.finish(this);
    else if (this.state === 'queued') this.level.refuseQueued(this, 'cancelled');
  }
}
