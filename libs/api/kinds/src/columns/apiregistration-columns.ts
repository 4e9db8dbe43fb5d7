import type { apiregistrationv1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn } from './column';

export const apiServiceColumns = columns<apiregistrationv1.APIService>([
  nameColumn,
  {
    name: 'Service',
    description: 'The reference to the service that hosts this API endpoint.',
    cell: ({ spec }) =>
      spec?.service === undefined ? 'Local' : `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}`,
  },
  { name: 'Available', description: 'Whether this service is available.', cell: availability },
  ageColumn,
]);

function availability({ status }: apiregistrationv1.APIService): string {
  const condition = status?.conditions?.find(({ type }) => type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' || !condition.reason
    ? condition.status
    : `${condition.status} (${condition.reason})`;
}
