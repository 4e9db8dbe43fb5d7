import type { KubeObject } from '@reckon/api/machinery';
import type { appsv1, batchv1, corev1 } from '@reckon/api/types';

const templates: Readonly<Record<string, (object: KubeObject) => corev1.PodTemplateSpec | undefined>> = {
  '/podtemplates': (object) => (object as corev1.PodTemplate).template,
  '/replicationcontrollers': (object) => (object as corev1.ReplicationController).spec?.template,
  'apps/replicasets': (object) => (object as appsv1.ReplicaSet).spec?.template,
  'apps/deployments': (object) => (object as appsv1.Deployment).spec?.template,
  'apps/statefulsets': (object) => (object as appsv1.StatefulSet).spec?.template,
  'apps/daemonsets': (object) => (object as appsv1.DaemonSet).spec?.template,
  'batch/jobs': (object) => (object as batchv1.Job).spec?.template,
  'batch/cronjobs': (object) => (object as batchv1.CronJob).spec?.jobTemplate?.spec?.template,
};

/** How to find what pods an object of the kind makes; undefined for kinds that make none. */
export function podTemplateOf(
  group: string,
  resource: string,
): ((object: KubeObject) => corev1.PodTemplateSpec | undefined) | undefined {
  const key = `${group}/${resource}`;
  return Object.hasOwn(templates, key) ? templates[key] : undefined;
}
