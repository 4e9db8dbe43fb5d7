import type { Informer } from '@reckon/client/cache';
import type { Controller } from '@reckon/control/runtime';
import type { Running } from '@reckon/kernel';

/**
 * Begins to work when every informer has its first list, so that no reconcile mistakes an empty cache for an empty cluster.
 * The type of the informers does not matter here.
 */
export function startWhenSynced(
  controllers: readonly Controller[],
  informers: readonly Pick<Informer, 'synced'>[],
): Running {
  let isStopped = false;
  void Promise.all(informers.map((i) => i.synced)).then(() => {
    if (!isStopped) for (const controller of controllers) controller.start();
  });
  return {
    async stop() {
      isStopped = true;
      // Not for the informers: they are stopped after us, and may never have had their first list.
      await Promise.all(controllers.map((c) => c.stop()));
    },
  };
}
