import { duration, fraction, whole } from './flag';

/** How autoscalers are followed; as cmd/kube-controller-manager/app/options `HPAControllerOptions`. */
export const autoscalerFlags = {
  'concurrent-horizontal-pod-autoscaler-syncs': whole('autoscalers looked at together', { initial: 5, least: 1 }),
  'horizontal-pod-autoscaler-sync-period': duration('how often each autoscaler is looked at', '15s'),
  'horizontal-pod-autoscaler-downscale-stabilization': duration(
    'what was wanted in this time keeps a workload from scaling down',
    '5m0s',
  ),
  'horizontal-pod-autoscaler-tolerance': fraction(
    'deviations from the target up to this part of it change nothing',
    0.1,
  ),
  'horizontal-pod-autoscaler-cpu-initialization-period': duration(
    'the CPU of a pod younger than this counts only if it was measured since the pod is ready',
    '5m0s',
  ),
  'horizontal-pod-autoscaler-initial-readiness-delay': duration(
    'a pod that is not ready and whose readiness last changed this soon after its start was never ready',
    '30s',
  ),
};
