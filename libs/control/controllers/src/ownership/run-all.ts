/** Under way at once: more than a client has connections, so that none idles, and few enough to be answered soon after an abort. */
const lanes = 64;

/**
 * Calls `run` for each index below `count`, many at once, whatever fails. Gives back the first failure.
 *
 * Once the signal is aborted nothing more begins; what is under way is waited for, then the reason is thrown: who stops must not be
 * followed by writes that he had only planned.
 */
export async function runAll(
  count: number,
  run: (index: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<{ readonly failure: unknown } | undefined> {
  let next = 0;
  let failed: { readonly failure: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < count && signal?.aborted !== true) {
      try {
        await run(next++);
      } catch (failure) {
        failed ??= { failure };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
  signal?.throwIfAborted();
  return failed;
}
