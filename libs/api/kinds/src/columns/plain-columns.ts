import type { coordinationv1, corev1, schedulingv1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn } from './column';

const sizeOf = (map: Readonly<Record<string, unknown>> | undefined): number => Object.keys(map ?? {}).length;

export const namespaceColumns = columns<corev1.Namespace>([
  nameColumn,
  { name: 'Status', description: 'The status of the namespace', cell: (namespace) => namespace.status?.phase ?? '' },
  ageColumn,
]);

export const configMapColumns = columns<corev1.ConfigMap>([
  nameColumn,
  {
    name: 'Data',
    description: ['core/v1.ConfigMap', 'data'],
    cell: (map) => sizeOf(map.data) + sizeOf(map.binaryData),
  },
  ageColumn,
]);

export const secretColumns = columns<corev1.Secret>([
  nameColumn,
  { name: 'Type', description: ['core/v1.Secret', 'type'], cell: (secret) => secret.type ?? '' },
  { name: 'Data', description: ['core/v1.Secret', 'data'], cell: (secret) => sizeOf(secret.data) },
  ageColumn,
]);

export const serviceAccountColumns = columns<corev1.ServiceAccount>([nameColumn, ageColumn]);

export const leaseColumns = columns<coordinationv1.Lease>([
  nameColumn,
  {
    name: 'Holder',
    description: ['coordination/v1.LeaseSpec', 'holderIdentity'],
    cell: (lease) => lease.spec?.holderIdentity ?? '',
  },
  ageColumn,
]);

export const priorityClassColumns = columns<schedulingv1.PriorityClass>([
  nameColumn,
  {
    name: 'Value',
    type: 'integer',
    description: ['scheduling/v1.PriorityClass', 'value'],
    cell: (priority) => priority.value,
  },
  {
    name: 'Global-Default',
    type: 'boolean',
    description: ['scheduling/v1.PriorityClass', 'globalDefault'],
    cell: (priority) => priority.globalDefault ?? false,
  },
  ageColumn,
  {
    name: 'PreemptionPolicy',
    description: ['scheduling/v1.PriorityClass', 'preemptionPolicy'],
    cell: (priority) => priority.preemptionPolicy ?? '',
  },
]);

/** `pods: 3/50, requests.cpu: 300m/20`: what is used of what there may be. */
function quotaText(quota: corev1.ResourceQuota, isShown: (name: string) => boolean): string {
  const { hard = {}, used = {} } = quota.status ?? {};
  return Object.keys(hard)
    .filter(isShown)
    .sort()
    .map((name) => `${name}: ${(Object.hasOwn(used, name) ? used[name] : undefined) ?? '0'}/${hard[name] ?? '0'}`)
    .join(', ');
}

const isLimit = (name: string): boolean => name.startsWith('limits.');

export const resourceQuotaColumns = columns<corev1.ResourceQuota>([
  nameColumn,
  {
    name: 'Request',
    description: 'Request represents a minimum amount of cpu/memory that a container may consume.',
    cell: (quota) => quotaText(quota, (name) => !isLimit(name)),
  },
  {
    name: 'Limit',
    description:
      'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
    cell: (quota) => quotaText(quota, isLimit),
  },
  ageColumn,
]);

const healthOf = ({ conditions }: corev1.ComponentStatus): corev1.ComponentCondition | undefined =>
  conditions?.find(({ type }) => type === 'Healthy');

export const componentStatusColumns = columns<corev1.ComponentStatus>([
  nameColumn,
  {
    name: 'Status',
    description: 'Status of the component conditions',
    cell: (component) => {
      const health = healthOf(component);
      return health === undefined ? 'Unknown' : health.status === 'True' ? 'Healthy' : 'Unhealthy';
    },
  },
  {
    name: 'Message',
    description: 'Message of the component conditions',
    cell: (component) => healthOf(component)?.message ?? '',
  },
  {
    name: 'Error',
    description: 'Error of the component conditions',
    cell: (component) => healthOf(component)?.error ?? '',
  },
]);

/** Kinds that upstream has no printer for. */
export const fallbackColumns = columns<corev1.LimitRange>([
  nameColumn,
  {
    name: 'Created At',
    type: 'date',
    description: ['meta/v1.ObjectMeta', 'creationTimestamp'],
    cell: (object) => object.metadata.creationTimestamp ?? '<unknown>',
  },
]);
