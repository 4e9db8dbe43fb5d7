import type { flowcontrolv1 } from '@reckon/api/types';
import { ageColumn, columns, nameColumn, type KindTable } from './column';

type Schema = flowcontrolv1.FlowSchema;

const precedence = (schema: Schema): number => schema.spec?.matchingPrecedence ?? 0;

/** In lists, the one that is asked first comes first. */
export const flowSchemaColumns: KindTable = {
  ...columns<Schema>([
    nameColumn,
    {
      name: 'PriorityLevel',
      description: ['flowcontrol/v1.PriorityLevelConfigurationReference', 'name'],
      cell: (schema) => schema.spec?.priorityLevelConfiguration.name ?? '',
    },
    {
      name: 'MatchingPrecedence',
      description: ['flowcontrol/v1.FlowSchemaSpec', 'matchingPrecedence'],
      cell: precedence,
    },
    {
      name: 'DistinguisherMethod',
      description: ['flowcontrol/v1.FlowSchemaSpec', 'distinguisherMethod'],
      cell: (schema) => schema.spec?.distinguisherMethod?.type ?? '<none>',
    },
    ageColumn,
    {
      name: 'MissingPL',
      description: 'references a broken or non-existent PriorityLevelConfiguration',
      cell: (schema) => schema.status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    },
  ]),
  compare: (a, b) => precedence(a) - precedence(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1),
};

const queuing = (level: flowcontrolv1.PriorityLevelConfiguration): flowcontrolv1.QueuingConfiguration | undefined =>
  level.spec?.limited?.limitResponse?.queuing;

export const priorityLevelConfigurationColumns = columns<flowcontrolv1.PriorityLevelConfiguration>([
  nameColumn,
  {
    name: 'Type',
    description: ['flowcontrol/v1.PriorityLevelConfigurationSpec', 'type'],
    cell: (level) => level.spec?.type ?? '',
  },
  {
    name: 'NominalConcurrencyShares',
    description: ['flowcontrol/v1.LimitedPriorityLevelConfiguration', 'nominalConcurrencyShares'],
    cell: ({ spec }) => (spec?.limited === undefined ? '<none>' : (spec.limited.nominalConcurrencyShares ?? 0)),
  },
  {
    name: 'Queues',
    description: ['flowcontrol/v1.QueuingConfiguration', 'queues'],
    cell: (level) => queuing(level)?.queues ?? '<none>',
  },
  {
    name: 'HandSize',
    description: ['flowcontrol/v1.QueuingConfiguration', 'handSize'],
    cell: (level) => queuing(level)?.handSize ?? '<none>',
  },
  {
    name: 'QueueLengthLimit',
    description: ['flowcontrol/v1.QueuingConfiguration', 'queueLengthLimit'],
    cell: (level) => queuing(level)?.queueLengthLimit ?? '<none>',
  },
  ageColumn,
]);
