import type { resourcev1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn } from './column';

function claimState({ metadata, status }: resourcev1.ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null;
  const states = isDeleted ? ['deleted'] : [];
  if (status?.allocation) states.push('allocated', ...((status.reservedFor ?? []).length > 0 ? ['reserved'] : []));
  else if (!isDeleted) states.push('pending');
  return states.join(',');
}

export const resourceClaimColumns = columns<resourcev1.ResourceClaim>([
  nameColumn,
  {
    name: 'State',
    description: 'A summary of the current state (allocated, pending, reserved, etc.).',
    cell: claimState,
  },
  ageColumn,
]);

export const resourceSliceColumns = columns<resourcev1.ResourceSlice>([
  nameColumn,
  { name: 'Node', description: ['resource/v1.ResourceSliceSpec', 'nodeName'], cell: ({ spec }) => spec.nodeName ?? '' },
  { name: 'Driver', description: ['resource/v1.ResourceSliceSpec', 'driver'], cell: ({ spec }) => spec.driver },
  { name: 'Pool', description: ['resource/v1.ResourcePool', 'name'], cell: ({ spec }) => spec.pool.name },
  ageColumn,
]);

/** Of classes and of templates there is no more to show in a line. */
export const deviceClassColumns = columns<resourcev1.DeviceClass>([nameColumn, ageColumn]);
export const resourceClaimTemplateColumns = columns<resourcev1.ResourceClaimTemplate>([nameColumn, ageColumn]);
