import { noRevision, StorageError } from '@reckon/store/contract';
import type { Entry } from '@reckon/store/contract';
import { codeOf, Drafter, pod } from '@reckon/store/contract/suites';
import { describe, expect, it } from 'vitest';
import { AppendQueue, type AppendQueueOptions } from './append-queue';

interface Rig {
  readonly queue: AppendQueue;
  readonly batches: (readonly (readonly Entry[])[])[];
  readonly generations: readonly number[];
  readonly draft: Drafter;
  put(text?: string): Promise<void>;
}

function rig(more: Partial<AppendQueueOptions> = {}): Rig {
  const batches: (readonly (readonly Entry[])[])[] = [];
  const generations: number[] = [];
  const queue = new AppendQueue({
    head: noRevision,
    lastAt: 0,
    commit: (appends, generation) => {
      batches.push(appends);
      generations.push(generation);
    },
    defer: queueMicrotask,
    ...more,
  });
  const draft = new Drafter(0);
  return {
    queue,
    batches,
    generations,
    draft,
    put: (text = '') => queue.append(draft.entries({ key: pod(`p${draft.next}`), text })),
  };
}

const tick = (): Promise<void> => Promise.resolve();

describe('AppendQueue', () => {
  it('gathers a turn into one batch, and what comes while that is underway into the next', async () => {
    const { queue, batches, put } = rig();
    const first = [put(), put()];
    await tick();
    const second = [put(), put(), put()];
    expect(batches.map((b) => b.length)).toEqual([2]);
    queue.settle({ committed: 2 });
    expect(queue.head).toBe(2);
    expect(batches.map((b) => b.length)).toEqual([2, 3]);
    await Promise.all(first);
    queue.settle({ committed: 3 });
    await Promise.all(second);
    expect(queue.isIdle).toBe(true);
  });

  it('sends the next batch before anyone learns of the last', async () => {
    const { queue, batches, put } = rig();
    const seen = put().then(() => batches.length);
    await tick();
    void put();
    queue.settle({ committed: 1 });
    expect(await seen).toBe(2);
  });

  it('closes a batch when it is large, but never splits an append', async () => {
    const { queue, batches, put } = rig({ batchBytes: 1_000 });
    void put('x'.repeat(5_000));
    void put();
    void put('x'.repeat(600));
    void put('x'.repeat(600));
    void put();
    await tick();
    const sizes: number[] = [];
    for (let i = 0; i < batches.length; i++) {
      sizes.push(batches[i]?.length ?? 0);
      queue.settle({ committed: batches[i]?.length ?? 0 });
    }
    expect(sizes).toEqual([1, 3, 1]);
    await queue.idle();
  });

  it('after a failure part of the way keeps what is committed, rejects the rest in order and counts from there', async () => {
    const { queue, put } = rig();
    const codes = [put(), put(), put()].map(codeOf);
    await tick();
    codes.push(codeOf(put()));
    queue.settle({ committed: 1, failure: new StorageError('Conflict', 'lost') });
    expect(await Promise.all(codes)).toEqual(['no error', 'Conflict', 'LogWriteFailed', 'LogWriteFailed']);
    expect(queue.head).toBe(1);
    const draft = new Drafter(1);
    draft.at = 5_000;
    void queue.append(draft.entries({ key: pod('again') }));
    expect(queue.isIdle).toBe(false);
  });

  it('hands over early what a turn makes much of, up to so many batches, and the rest when one is answered', async () => {
    const { queue, batches, put } = rig({ early: { appends: 2, batches: 2 } });
    const done = Promise.all(Array.from({ length: 9 }, () => put()));
    expect(batches.map((b) => b.length)).toEqual([2, 2]);
    await tick();
    expect(batches.map((b) => b.length)).toEqual([2, 2]);
    queue.settle({ committed: 2 });
    expect(batches.map((b) => b.length)).toEqual([2, 2, 5]);
    queue.settle({ committed: 2 });
    queue.settle({ committed: 5 });
    await done;
    expect(queue.head).toBe(9);
  });

  it('takes all batches that left before a failure was known for lost, once, and goes on in another generation', async () => {
    const { queue, batches, generations, put } = rig({ early: { appends: 1, batches: 3 } });
    const codes = [put(), put(), put(), put()].map(codeOf);
    queue.settle({ committed: 1 });
    queue.settle({ committed: 0, failure: new StorageError('Conflict', 'lost') });
    const draft = new Drafter(1);
    draft.at = 5_000;
    const again = queue.append(draft.entries({ key: pod('again') }));
    expect(await Promise.all(codes)).toEqual(['no error', 'Conflict', 'LogWriteFailed', 'LogWriteFailed']);
    expect(queue.head).toBe(1);
    queue.settle({ committed: 0 });
    queue.settle({ committed: 0 });
    expect(queue.isIdle).toBe(false);
    queue.settle({ committed: 1 });
    await again;
    expect([queue.head, queue.isIdle]).toEqual([2, true]);
    expect(batches.map((b) => b.length)).toEqual([1, 1, 1, 1, 1]);
    expect(generations).toEqual([0, 0, 0, 0, 1]);
  });
});
