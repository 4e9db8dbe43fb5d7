import { controllerOf, formatLabelSelector, labelSelectorFromObject, parseApiVersion } from '@reckon/api/machinery';
import type { appsv1, corev1 } from '@reckon/api/types';
import { ageColumn, type Column, columns, nameColumn } from './column';

interface WithTemplate {
  readonly spec?: { readonly template?: { readonly spec?: corev1.PodSpec } };
}

const containersOf = (object: WithTemplate): readonly corev1.Container[] =>
  object.spec?.template?.spec?.containers ?? [];

const containerColumns: readonly Column<WithTemplate>[] = [
  {
    name: 'Containers',
    priority: 1,
    description: 'Names of each container in the template.',
    cell: (object) =>
      containersOf(object)
        .map((c) => c.name)
        .join(','),
  },
  {
    name: 'Images',
    priority: 1,
    description: 'Images referenced by each container in the template.',
    cell: (object) =>
      containersOf(object)
        .map((c) => c.image ?? '')
        .join(','),
  },
];

export const deploymentColumns = columns<appsv1.Deployment>([
  nameColumn,
  {
    name: 'Ready',
    description: 'Number of the pod with ready state',
    cell: (d) => `${String(d.status?.readyReplicas ?? 0)}/${String(d.spec?.replicas ?? 0)}`,
  },
  {
    name: 'Up-to-date',
    description: ['apps/v1.DeploymentStatus', 'updatedReplicas'],
    cell: (d) => d.status?.updatedReplicas ?? 0,
  },
  {
    name: 'Available',
    description: ['apps/v1.DeploymentStatus', 'availableReplicas'],
    cell: (d) => d.status?.availableReplicas ?? 0,
  },
  ageColumn,
  ...containerColumns,
  {
    name: 'Selector',
    priority: 1,
    description:
      "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this deployment. It must match the pod template's labels.",
    cell: (d) => labelSelectorFromObject(d.spec?.selector).toString(),
  },
]);

export const replicaSetColumns = columns<appsv1.ReplicaSet>([
  nameColumn,
  {
    name: 'Desired',
    type: 'integer',
    description: ['apps/v1.ReplicaSetSpec', 'replicas'],
    cell: (rs) => rs.spec?.replicas ?? 0,
  },
  {
    name: 'Current',
    type: 'integer',
    description: ['apps/v1.ReplicaSetStatus', 'replicas'],
    cell: (rs) => rs.status?.replicas ?? 0,
  },
  {
    name: 'Ready',
    type: 'integer',
    description: ['apps/v1.ReplicaSetStatus', 'readyReplicas'],
    cell: (rs) => rs.status?.readyReplicas ?? 0,
  },
  ageColumn,
  ...containerColumns,
  {
    name: 'Selector',
    priority: 1,
    description:
      "Selector is a label query over pods that should match the replica count. Label keys and values that must match in order to be controlled by this replica set. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
    cell: (rs) => formatLabelSelector(rs.spec?.selector),
  },
]);

export const controllerRevisionColumns = columns<appsv1.ControllerRevision>([
  nameColumn,
  {
    name: 'Controller',
    description: 'Controller of the object',
    cell: (revision) => {
      const controller = controllerOf(revision);
      if (controller === undefined) return '<none>';
      const group = parseApiVersion(controller.apiVersion)?.group ?? '';
      const kind = group === '' ? controller.kind : `${controller.kind}.${group}`;
      return `${kind.toLowerCase()}/${controller.name}`;
    },
  },
  {
    name: 'Revision',
    description: ['apps/v1.ControllerRevision', 'revision'],
    cell: (revision) => revision.revision,
  },
  ageColumn,
]);
