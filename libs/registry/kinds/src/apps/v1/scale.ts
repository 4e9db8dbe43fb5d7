import {
  fieldErrors,
  fieldPath,
  type LabelSelector,
  labelSelectorFromMap,
  labelSelectorFromObject,
  statusErrors,
} from '@reckon/api/machinery';
import type { appsv1, autoscalingv1, corev1 } from '@reckon/api/types';

type Scalable = appsv1.Deployment | appsv1.ReplicaSet | appsv1.StatefulSet | corev1.ReplicationController;

/** The `scale` subresource as it is shown (scaleFromDeployment in pkg/registry/apps/deployment/storage). */
export function scaleOf(object: Scalable): autoscalingv1.Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: object.spec?.replicas ? { replicas: object.spec.replicas } : {},
    status: {
      replicas: object.status?.replicas ?? 0,
      selector: selectorOf(object).toString(),
    },
  };
}

/** ReplicationControllers are from before there was more than labels to select by. */
function selectorOf(object: Scalable): LabelSelector {
  if (object.kind === 'ReplicationController')
    return labelSelectorFromMap((object as corev1.ReplicationController).spec?.selector);
  return labelSelectorFromObject((object as appsv1.ReplicaSet).spec?.selector);
}

/** Writes what a client put to `scale` into the object (to be updated as usual afterwards), or throws 422 or 409. */
export function applyScale(object: Scalable, scale: autoscalingv1.Scale): void {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas < 0)
    throw statusErrors.invalid({ group: 'autoscaling', kind: 'Scale' }, scale.metadata.name ?? '', [
      fieldErrors.invalid(fieldPath('spec', 'replicas'), replicas, 'must be greater than or equal to 0'),
    ]);
  (object.spec as { replicas?: number }).replicas = replicas;
  // A stale scale must conflict like a stale object; without a version it is unconditional.
  if (scale.metadata.resourceVersion) object.metadata.resourceVersion = scale.metadata.resourceVersion;
}
