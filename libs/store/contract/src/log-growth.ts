import type { LogReader } from './event-log';
import type { Revision } from './revision';

/** Waits for a log to grow: what a follower does between one read and the next. */
export class LogGrowth {
  private wake = (): void => undefined;
  private readonly unsubscribe: () => void;
  private readonly tell = (): void => {
    this.wake();
  };

  constructor(
    private readonly log: Pick<LogReader, 'head' | 'onGrown'>,
    /** Nobody waits any longer once it is aborted. */
    private readonly signal?: AbortSignal,
  ) {
    this.unsubscribe = log.onGrown(this.tell);
    signal?.addEventListener('abort', this.tell);
  }

  /** Resolves when the head is past the revision, or the signal is aborted. */
  async past(revision: Revision): Promise<void> {
    while (this.log.head <= revision && this.signal?.aborted !== true)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
  }

  stop(): void {
    this.unsubscribe();
    this.signal?.removeEventListener('abort', this.tell);
  }
}
