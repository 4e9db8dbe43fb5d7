import type { corev1 } from '@reckon/api/types';
import type { AdmissionPlugin } from '../plugin';
import { podOf } from '../target';

export interface TolerationSeconds {
  /** `--default-not-ready-toleration-seconds` */
  readonly notReady: number;
  /** `--default-unreachable-toleration-seconds` */
  readonly unreachable: number;
}

/** Pods that say nothing about it stay five minutes on a node that is lost (plugin/pkg/admission/defaulttolerationseconds). */
export function defaultTolerationSeconds(
  seconds: TolerationSeconds = { notReady: 300, unreachable: 300 },
): AdmissionPlugin {
  return {
    name: 'DefaultTolerationSeconds',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    admit(attributes) {
      const pod = podOf(attributes);
      if (pod?.spec === undefined) return;
      pod.spec = tolerating(pod.spec, 'node.kubernetes.io/not-ready', seconds.notReady);
      pod.spec = tolerating(pod.spec, 'node.kubernetes.io/unreachable', seconds.unreachable);
    },
  };
}

/** The spec itself where it says it already. */
function tolerating(spec: corev1.PodSpec, key: string, tolerationSeconds: number): corev1.PodSpec {
  const isSaid = spec.tolerations?.some(
    (t) => ((t.key ?? '') === '' || t.key === key) && ((t.effect ?? '') === '' || t.effect === 'NoExecute'),
  );
  if (isSaid === true) return spec;
  const toleration = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds };
  return { ...spec, tolerations: [...(spec.tolerations ?? []), toleration] };
}
