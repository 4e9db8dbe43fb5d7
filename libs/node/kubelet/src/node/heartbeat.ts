import type { CancelTimer, Random, Running, Timers } from '@reckon/kernel';

/**
 * Does something every `everyMs`, first at a random part of that time, so that a thousand of these in one process are spread over
 * time. A beat that is still running when the next is due takes its place.
 */
export function startHeartbeat(
  deps: { readonly timers: Timers; readonly random: Random },
  everyMs: number,
  beat: () => Promise<void>,
): Running {
  let running: Promise<void> | undefined;
  const once = (): void => {
    running ??= beat().finally(() => {
      running = undefined;
    });
  };
  let cancel: CancelTimer = deps.timers.after(deps.random.int(everyMs), () => {
    cancel = deps.timers.every(everyMs, once);
    once();
  });
  return {
    async stop() {
      cancel();
      await running;
    },
  };
}
