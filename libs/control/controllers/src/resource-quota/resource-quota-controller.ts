import { type KubeObject, reasonOf, semanticEqual } from '@reckon/api/machinery';
import { type Amounts, type Evaluator, equalAmounts, measuredBy, scopesOf } from '@reckon/api/quota';
import { objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, done, requeue } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import { QuotaSources } from './quota-sources';
import { changeOf } from './quota-change';
import type { Quota } from './quota-status';

/** Upstream's `--resource-quota-sync-period`: a pod that outlives its deletion stops to count without an event. */
const resyncEveryMs = 5 * 60_000;
/** How often the discovery documents are read again (upstream's period of `Controller.Sync`). */
const discoveryEveryMs = 30_000;
/** Many objects come and go together; the quota is worked out once for those of so long. */
const gatherMs = 100;
/** A kind that cannot be read in so long is left out until it can. */
const syncAtMostMs = 2_000;

const noAmounts: Amounts = new Map();
const namesOf = ({ spec }: Quota): string[] => Object.keys(spec?.hard ?? {});

/**
 * Keeps `status.used` of quotas (pkg/controller/resourcequota). Upstream it counts anew only what was taken away, since admission counts
 * what is added, in the same step as it is added; here both, so that the count comes right however an object came to be.
 */
export const resourceQuotaController: ControllerRow = {
  name: 'resourcequota-controller',
  serviceAccount: 'resourcequota-controller',
  start(context) {
    const { clock, timers } = context;
    const quotas = context.informers.informer<Quota>(refs.resourceQuotas);
    const client = context.rest.resource<Quota>(refs.resourceQuotas);
    const sources = new QuotaSources(context, (evaluator, object, old) => {
      for (const quota of quotas.lister.list(object.metadata.namespace))
        if (isConcerned(quota, evaluator, clock.nowMs(), object, old))
          controller.queue.addAfter(objectKey(quota), gatherMs);
    });
    const controller = new Controller(
      'resourcequota_primary',
      async (key, signal) => {
        const quota = quotas.lister.byKey(key);
        if (quota === undefined) return done;
        const all = await sources.of(namesOf(quota));
        if (!all.every(({ informer }) => informer.hasSynced))
          await Promise.race([
            Promise.all(all.map(({ informer }) => informer.synced)),
            timers.sleep(syncAtMostMs, signal),
          ]);
        const synced = all.filter(({ informer }) => informer.hasSynced);
        const change = await changeOf(context, () => quotas.lister.byKey(key), synced, signal);
        if (change !== undefined && !signal.aborted)
          try {
            await client.updateStatus(change);
          } catch (error) {
            // Something was counted meanwhile: that is seen soon, and then counted again.
            if (reasonOf(error) === 'Conflict') return requeue;
            if (reasonOf(error) !== 'NotFound') throw error;
          }
        return synced.length === all.length ? done : requeue;
      },
      context,
    );
    const enqueue = (quota: Quota): void => controller.enqueue(objectKey(quota));
    quotas.addHandler({
      add: enqueue,
      update: (old, quota) => {
        if (!semanticEqual(old.spec, quota.spec)) enqueue(quota);
      },
    });
    const refresh = async (): Promise<void> => {
      const all = quotas.lister.list();
      if (all.length === 0) return;
      await sources.refresh(all.flatMap(namesOf));
      // What was not served may be now.
      for (const quota of all) {
        const used = quota.status?.used ?? {};
        if (namesOf(quota).some((name) => !Object.hasOwn(used, name))) enqueue(quota);
      }
    };
    const cancels = [
      timers.every(resyncEveryMs, () => quotas.lister.list().forEach(enqueue)),
      timers.every(discoveryEveryMs, () => {
        refresh().catch((error: unknown) => context.logger.warn('discovery failed', { error: String(error) }));
      }),
    ];
    const working = startWhenSynced([controller], [quotas]);
    return {
      async stop() {
        for (const cancel of cancels) cancel();
        await working.stop();
        await sources.stop();
      },
    };
  },
};

/** Whether what became of an object can change what is used of the quota. */
function isConcerned(
  { spec }: Quota,
  evaluator: Evaluator,
  nowMs: number,
  object: KubeObject,
  old: KubeObject | undefined,
): boolean {
  if (measuredBy(evaluator, Object.keys(spec?.hard ?? {})).length === 0) return false;
  if (old === undefined) return true;
  const scopes = scopesOf(spec);
  const counts = (o: KubeObject): Amounts =>
    scopes.every((scope) => evaluator.isInScope(o, scope)) ? evaluator.usage(o, nowMs) : noAmounts;
  return !equalAmounts(counts(old), counts(object));
}
