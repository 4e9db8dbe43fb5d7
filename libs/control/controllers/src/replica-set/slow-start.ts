/**
 * Calls `run` up to `count` times, in batches of 1, 2, 4, 8 … at once; the first batch with a failure is the last, so that what
 * would fail a thousand times fails once (pkg/controller/replicaset `slowStartBatch`). Gives back the first failure.
 */
export async function slowStart(
  count: number,
  run: () => Promise<void>,
): Promise<{ readonly failure: unknown } | undefined> {
  let remaining = count;
  for (let size = Math.min(1, remaining); size > 0; size = Math.min(2 * size, remaining)) {
    const results = await Promise.allSettled(Array.from({ length: size }, run));
    const failed = results.find((r) => r.status === 'rejected');
    if (failed !== undefined) return { failure: failed.reason };
    remaining -= size;
  }
  return undefined;
}
