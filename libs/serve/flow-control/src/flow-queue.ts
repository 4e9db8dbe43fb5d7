import type { Seat } from './seat';

/** One queue of a priority level: requests of the flows that were dealt it, oldest first. */
export class FlowQueue {
  readonly waiting: Seat[] = [];
  executing = 0;
  seatsInUse = 0;
  seatsWaiting = 0;
  /** Progress, in seat-milliseconds, at which its next request is due. */
  nextDispatch = 0;

  get isActive(): boolean {
    return this.executing > 0 || this.waiting.length > 0;
  }

  /** What waits is due no earlier than it came: a queue that was idle saves nothing up. */
  bound(): void {
    const oldest = this.waiting[0];
    if (oldest !== undefined && this.nextDispatch < oldest.arrivalWork) this.nextDispatch = oldest.arrivalWork;
  }
}
