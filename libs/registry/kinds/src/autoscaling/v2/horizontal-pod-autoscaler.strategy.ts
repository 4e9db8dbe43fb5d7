import type { autoscalingv2 } from '@reckon/api/types';
import type { Strategy } from '@reckon/registry/generic';
import { keepSpec, keepStatus } from '../../status-keeping';
import { setAutoscalerDefaults } from './horizontal-pod-autoscaler.defaults';
import { validateAutoscaler, validateAutoscalerStatus } from './horizontal-pod-autoscaler.validation';

type Autoscaler = autoscalingv2.HorizontalPodAutoscaler;

/** An autoscaler has no generation (HPAGeneration is off). */
export const horizontalPodAutoscalerStrategy: Strategy<Autoscaler> = {
  defaults: setAutoscalerDefaults,
  prepareForCreate: (_ctx, autoscaler) => {
    // Upstream's Go shows the list it never made.
    autoscaler.status = {
      desiredReplicas: 0,
      currentMetrics: null,
    } as unknown as autoscalingv2.HorizontalPodAutoscalerStatus;
  },
  validate: (_ctx, autoscaler) => validateAutoscaler(autoscaler),
  prepareForUpdate: (_ctx, autoscaler, old) => {
    keepStatus(autoscaler, old);
  },
  validateUpdate: (_ctx, autoscaler, old) => validateAutoscaler(autoscaler, old),
};

export const horizontalPodAutoscalerStatusStrategy: Strategy<Autoscaler> = {
  defaults: setAutoscalerDefaults,
  prepareForUpdate: (_ctx, autoscaler, old) => {
    keepSpec(autoscaler, old);
  },
  validateUpdate: (_ctx, autoscaler) => validateAutoscalerStatus(autoscaler),
};
