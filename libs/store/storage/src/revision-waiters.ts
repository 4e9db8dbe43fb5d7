import type { Timers } from '@reckon/kernel';
import { StorageError } from '@reckon/store/contract';
import type { Revision } from '@reckon/store/contract';

/** As upstream's cacher (apiserver/pkg/storage/cacher `blockTimeout`). */
const patienceMs = 3000;

interface Waiter {
  readonly revision: Revision;
  readonly done: () => void;
}

/** Those who ask for a state newer than the newest: they wait up to three seconds for it. */
export class RevisionWaiters {
  private waiters: Waiter[] = [];

  constructor(
    private readonly timers: Timers,
    private readonly current: () => Revision,
  ) {}

  /** Resolves when the view shows `revision`; rejects TooLarge after three seconds, Closed when the storage stops. */
  wait(revision: Revision): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        revision,
        done: () => {
          cancel();
          if (this.current() >= revision) resolve();
          else reject(tooLarge(revision, this.current()));
        },
      };
      const cancel = this.timers.after(patienceMs, () => {
        this.waiters = this.waiters.filter((w) => w !== waiter);
        waiter.done();
      });
      this.waiters.push(waiter);
    });
  }

  /** Wakes those whose revision has come. */
  advance(): void {
    if (this.waiters.length === 0) return;
    const revision = this.current();
    const ready = this.waiters.filter((w) => w.revision <= revision);
    if (ready.length === 0) return;
    this.waiters = this.waiters.filter((w) => w.revision > revision);
    for (const waiter of ready) waiter.done();
  }

  /** Nobody waits longer. */
  stop(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const waiter of waiters) waiter.done();
  }
}

function tooLarge(requested: Revision, current: Revision): StorageError {
  return new StorageError('TooLarge', `Too large resource version: ${String(requested)}, current: ${String(current)}`, {
    data: { requested, current },
  });
}
