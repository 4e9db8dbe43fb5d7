import { objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, done, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { UndecidedError, autoscale } from './autoscale';
import { type Autoscaler, type AutoscalerOptions, autoscalerDefaults, autoscalers } from './autoscaler';
import { restMetricsClient } from './rest-metrics-client';
import { ScaleTargets } from './scale-target';
import { ScalingMemory } from './scaling-memory';
import { SelectedPods } from './selected-pods';

/** Keeps workloads as large as their metrics demand (pkg/controller/podautoscaler): looks at each once in a period, and at no other time. */
export const horizontalPodAutoscalerController: ControllerRow = {
  name: 'horizontal-pod-autoscaler-controller',
  serviceAccount: 'horizontal-pod-autoscaler',
  start(context) {
    const options: AutoscalerOptions = { ...autoscalerDefaults, ...context.options.horizontalPodAutoscaler };
    const all = context.informers.informer<Autoscaler>(autoscalers);
    const pods = context.informers.informer<Pod>(refs.pods);
    const selected = new SelectedPods(pods.lister);
    const memories = new Map<string, ScalingMemory>();
    const look = lookWith(context, options, selected);
    const again = requeueAfter(options.syncPeriodMs);

    const controller = new Controller(
      'horizontalpodautoscaler',
      async (key, signal) => {
        const autoscaler = all.lister.byKey(key);
        if (autoscaler === undefined) {
          memories.delete(key);
          selected.forget(key);
          return done;
        }
        const memory = memories.get(key) ?? new ScalingMemory();
        memories.set(key, memory);
        try {
          await look(autoscaler, key, memory);
        } catch (error) {
          if (signal.aborted) throw error;
          const level = error instanceof UndecidedError ? 'debug' : 'warn';
          context.logger[level]('autoscaler not followed', { key, error: String(error) });
        }
        return again;
      },
      context,
      { workers: options.workers },
    );
    const enqueue = (autoscaler: Autoscaler): void => {
      controller.queue.addAfter(objectKey(autoscaler), options.syncPeriodMs);
    };
    all.addHandler({
      add: enqueue,
      update: (_, autoscaler) => {
        enqueue(autoscaler);
      },
      delete: (autoscaler) => {
        controller.enqueue(objectKey(autoscaler));
      },
    });
    return startWhenSynced([controller], [all, pods]);
  },
};

type Look = (autoscaler: Autoscaler, key: string, memory: ScalingMemory) => Promise<void>;

function lookWith(context: ControllerContext, options: AutoscalerOptions, pods: SelectedPods): Look {
  const { rest, clock } = context;
  const targets = new ScaleTargets(rest, clock);
  const client = restMetricsClient(rest, (group, kind) => targets.resourceOf(group, kind));
  const statuses = rest.resource<Autoscaler>(autoscalers);
  const recorder = context.recorder('horizontal-pod-autoscaler');
  return (autoscaler, key, memory) =>
    autoscale(autoscaler, key, {
      options,
      recorder,
      client,
      pods,
      memory,
      nowMs: clock.nowMs(),
      target: () =>
        targets.of(autoscaler.metadata.namespace ?? '', autoscaler.spec?.scaleTargetRef ?? { kind: '', name: '' }),
      writeStatus: async (status) => {
        await statuses.updateStatus({ ...autoscaler, status });
      },
    });
}
