import type { autoscalingv2 } from '@reckon/api/types';

const scaleUpDefaults = (): autoscalingv2.HPAScalingRules => ({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
});

/** Without a window: that is the controller's to choose. */
const scaleDownDefaults = (): autoscalingv2.HPAScalingRules => ({
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
});

const cpuAtFourFifths = (): autoscalingv2.MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
});

/** SetDefaults_HorizontalPodAutoscaler. */
export function setAutoscalerDefaults(autoscaler: autoscalingv2.HorizontalPodAutoscaler): void {
  const spec = (autoscaler.spec ??= { scaleTargetRef: { kind: '', name: '' }, maxReplicas: 0 });
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) spec.metrics = [cpuAtFourFifths()];
  if (!spec.behavior) return;
  const { scaleUp, scaleDown } = spec.behavior;
  const [up, down] = [scaleUpDefaults(), scaleDownDefaults()];
  // Nothing is written where nothing is missing: what a patch leaves alone is the stored object's.
  if (!isWhole(scaleUp, up) || !isWhole(scaleDown, down))
    spec.behavior = { scaleUp: { ...up, ...scaleUp }, scaleDown: { ...down, ...scaleDown } };
}

const isWhole = (rules: object | undefined, defaults: object): boolean =>
  rules !== undefined && Object.keys(defaults).every((name) => Object.hasOwn(rules, name));
