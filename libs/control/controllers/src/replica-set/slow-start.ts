import { runAll } from '../ownership/run-all';

/**
 * Calls `run` up to `count` times, in batches of 1, 2, 4, 8 … at once; the first batch with a failure is the last, so that what
 * would fail a thousand times fails once (pkg/controller/replicaset `slowStartBatch`). Gives back the first failure; throws when
 * the signal is aborted (`runAll`).
 */
export async function slowStart(
  count: number,
  run: (index: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<{ readonly failure: unknown } | undefined> {
  let begun = 0;
  for (let size = Math.min(1, count); size > 0; size = Math.min(2 * size, count - begun)) {
    const first = begun;
    begun += size;
    const failed = await runAll(size, (index) => run(first + index), signal);
    if (failed !== undefined) return failed;
  }
  return undefined;
}
