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
