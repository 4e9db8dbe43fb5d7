import type { policyv1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn } from './column';

const amountText = (amount: number | string | undefined): string => (amount === undefined ? 'N/A' : String(amount));

export const podDisruptionBudgetColumns = columns<policyv1.PodDisruptionBudget>([
  nameColumn,
  {
    name: 'Min Available',
    description: 'The minimum number of pods that must be available.',
    cell: (budget) => amountText(budget.spec?.minAvailable),
  },
  {
    name: 'Max Unavailable',
    description: 'The maximum number of pods that may be unavailable.',
    cell: (budget) => amountText(budget.spec?.maxUnavailable),
  },
  {
    name: 'Allowed Disruptions',
    type: 'integer',
    description: 'Calculated number of pods that may be disrupted at this time.',
    cell: (budget) => budget.status?.disruptionsAllowed ?? 0,
  },
  ageColumn,
]);
