/** Merges streams that are each in order of revision; one that several of them hold is given out once. */
export async function* mergeByRevision<T extends { readonly revision: number }>(
  streams: readonly AsyncIterable<T>[],
): AsyncGenerator<T> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    const first = await Promise.all(iterators.map((iterator) => iterator.next()));
    const waiting = first.flatMap((next, i) => (next.done === true ? [] : [{ entry: next.value, i }]));
    let last = -1;
    while (waiting.length > 0) {
      let lowest = 0;
      for (let k = 1; k < waiting.length; k++) if (revisionAt(waiting, k) < revisionAt(waiting, lowest)) lowest = k;
      const { entry, i } = waiting[lowest] as { entry: T; i: number };
      if (entry.revision > last) yield entry;
      last = entry.revision;
      const next = await iterators[i]?.next();
      if (next === undefined || next.done === true) waiting.splice(lowest, 1);
      else waiting[lowest] = { entry: next.value, i };
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

const revisionAt = (waiting: readonly { readonly entry: { readonly revision: number } }[], k: number): number =>
  waiting[k]?.entry.revision ?? Infinity;

/** All of several streams as it comes; ends when all have ended, fails with the first that fails. */
export async function* interleaved<T>(streams: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const pending = new Map<number, Promise<{ readonly i: number; readonly next: IteratorResult<T> }>>();
  const ask = (i: number): void => {
    const asked = iterators[i]?.next();
    if (asked !== undefined)
      pending.set(
        i,
        asked.then((next) => ({ i, next })),
      );
  };
  for (const i of iterators.keys()) ask(i);
  try {
    while (pending.size > 0) {
      const { i, next } = await Promise.race(pending.values());
      pending.delete(i);
      if (next.done === true) continue;
      yield next.value;
      ask(i);
    }
  } finally {
    // A read underway ends with its signal; nobody waits for it here.
    for (const read of pending.values()) read.catch(() => undefined);
    for (const iterator of iterators) void iterator.return?.()?.catch(() => undefined);
  }
}
