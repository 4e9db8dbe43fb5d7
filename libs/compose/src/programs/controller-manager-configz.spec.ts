import { expect, it } from 'vitest';
import { controllerManagerConfig } from '../config/controller-manager-config';
import { overlaid } from '../config/read-config-file';
import { controllerManagerFlags } from '../flags/controller-manager-flags';
import { parseFlags } from '../flags/parse-flags';
import { controllerManagerConfigz } from './controller-manager-configz';

it('what the controller manager shows of itself could be its configuration', () => {
  const said = {
    HPAController: { HorizontalPodAutoscalerSyncPeriod: '30s', HorizontalPodAutoscalerTolerance: 0.2 },
    PodGCController: { TerminatedPodGCThreshold: 7 },
    CSRSigningController: { ClusterSigningDuration: '2h' },
  };
  const flags = overlaid(
    parseFlags(controllerManagerFlags, ['--node-eviction-rate=0.5']),
    controllerManagerConfig.schema.parse(said),
  );
  const shown = controllerManagerConfigz(flags, undefined) as Record<string, object>;
  expect(shown).toMatchObject({
    HPAController: said.HPAController,
    PodGCController: said.PodGCController,
    CSRSigningController: { ClusterSigningDuration: '2h0m0s' },
    NodeLifecycleController: { NodeEvictionRate: 0.5 },
    GarbageCollectorController: { EnableGarbageCollector: true },
  });
  const read = controllerManagerConfig.schema.parse(shown);
  expect(read['horizontal-pod-autoscaler-sync-period']).toBe(30_000);
  expect({ ...flags, ...read, 'kube-api-qps': 0, 'kube-api-burst': 0 }).toEqual(flags);
});
