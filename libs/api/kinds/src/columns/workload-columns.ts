import { controllerOf, formatLabelSelector, labelSelectorFromObject, parseApiVersion } from '@reckon/api/machinery';
import type { appsv1, corev1 } from '@reckon/api/types';
import { ageColumn, type Column, columns, labelsText, nameColumn } from './column';

export interface WithTemplate {
  readonly spec?: { readonly template?: { readonly spec?: corev1.PodSpec } };
}

const containersOf = (object: WithTemplate): readonly corev1.Container[] =>
  object.spec?.template?.spec?.containers ?? [];

export const containerColumns: readonly Column<WithTemplate>[] = [
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

export const replicationControllerColumns = columns<corev1.ReplicationController>([
  nameColumn,
  {
    name: 'Desired',
    type: 'integer',
    description: ['core/v1.ReplicationControllerSpec', 'replicas'],
    cell: (rc) => rc.spec?.replicas ?? 0,
  },
  {
    name: 'Current',
    type: 'integer',
    description: ['core/v1.ReplicationControllerStatus', 'replicas'],
    cell: (rc) => rc.status?.replicas ?? 0,
  },
  {
    name: 'Ready',
    type: 'integer',
    description: ['core/v1.ReplicationControllerStatus', 'readyReplicas'],
    cell: (rc) => rc.status?.readyReplicas ?? 0,
  },
  ageColumn,
  ...containerColumns,
  {
    name: 'Selector',
    priority: 1,
    description: ['core/v1.ReplicationControllerSpec', 'selector'],
    cell: (rc) => labelsText(rc.spec?.selector),
  },
]);

export const statefulSetColumns = columns<appsv1.StatefulSet>([
  nameColumn,
  {
    name: 'Ready',
    description: 'Number of the pod with ready state',
    cell: (set) => `${String(set.status?.readyReplicas ?? 0)}/${String(set.spec?.replicas ?? 0)}`,
  },
  ageColumn,
  ...containerColumns,
]);

/** What a DaemonSet counts: column and field of its status. */
const daemonCounts = [
  ['Desired', 'desiredNumberScheduled'],
  ['Current', 'currentNumberScheduled'],
  ['Ready', 'numberReady'],
  ['Up-to-date', 'updatedNumberScheduled'],
  ['Available', 'numberAvailable'],
] as const;

export const daemonSetColumns = columns<appsv1.DaemonSet>([
  nameColumn,
  ...daemonCounts.map(([name, field]): Column<appsv1.DaemonSet> => ({
    name,
    type: 'integer',
    description: ['apps/v1.DaemonSetStatus', field],
    cell: (set) => set.status?.[field] ?? 0,
  })),
  {
    name: 'Node Selector',
    description: ['core/v1.PodSpec', 'nodeSelector'],
    cell: (set) => labelsText(set.spec?.template.spec?.nodeSelector),
  },
  ageColumn,
  ...containerColumns,
  {
    name: 'Selector',
    priority: 1,
    description:
      "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match the pod template's labels. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors",
    cell: (set) => formatLabelSelector(set.spec?.selector),
  },
]);

export const podTemplateColumns = columns<corev1.PodTemplate>([
  nameColumn,
  ...containerColumns.map((column): Column<corev1.PodTemplate> => ({
    name: column.name,
    description: column.description,
    cell: ({ template }, context) => column.cell(template === undefined ? {} : { spec: { template } }, context),
  })),
  {
    name: 'Pod Labels',
    description: 'The labels for the pod template.',
    cell: ({ template }) => labelsText(template?.metadata?.labels),
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
