import { findCondition, formatLabelSelector, humanDuration } from '@reckon/api/machinery';
import type { batchv1 } from '@reckon/api/types';
import { ageColumn, type CellContext, type Column, columns, nameColumn, since } from './column';
import { containerColumns } from './workload-columns';

/** The first condition that holds says how it is with a job; being deleted comes between. */
function statusOf({ metadata, status }: batchv1.Job): string {
  const has = (type: string): boolean => findCondition(status?.conditions, type)?.status === 'True';
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

function completionsOf({ spec, status }: batchv1.Job): string {
  const succeeded = String(status?.succeeded ?? 0);
  if (spec?.completions !== undefined) return `${succeeded}/${String(spec.completions)}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${String(parallelism)}` : `${succeeded}/1`;
}

function durationOf({ status }: batchv1.Job, { nowMs }: CellContext): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : nowMs;
  return humanDuration(end - Date.parse(status.startTime));
}

export const jobColumns = columns<batchv1.Job>([
  nameColumn,
  { name: 'Status', description: 'Status of the job.', cell: statusOf },
  { name: 'Completions', description: ['batch/v1.JobStatus', 'succeeded'], cell: completionsOf },
  { name: 'Duration', description: 'Time required to complete the job.', cell: durationOf },
  ageColumn,
  ...containerColumns,
  {
    name: 'Selector',
    priority: 1,
    description: ['batch/v1.JobSpec', 'selector'],
    cell: (job) => formatLabelSelector(job.spec?.selector),
  },
]);

/** As Go's printers write a flag that may be unset. */
const flagText = (flag: boolean | undefined): string => (flag === undefined ? '<unset>' : flag ? 'True' : 'False');

export const cronJobColumns = columns<batchv1.CronJob>([
  nameColumn,
  { name: 'Schedule', description: ['batch/v1.CronJobSpec', 'schedule'], cell: (cron) => cron.spec?.schedule ?? '' },
  {
    name: 'Timezone',
    description: ['batch/v1.CronJobSpec', 'timeZone'],
    cell: (cron) => cron.spec?.timeZone ?? '<none>',
  },
  {
    name: 'Suspend',
    type: 'boolean',
    description: ['batch/v1.CronJobSpec', 'suspend'],
    cell: (cron) => flagText(cron.spec?.suspend),
  },
  {
    name: 'Active',
    type: 'integer',
    description: ['batch/v1.CronJobStatus', 'active'],
    cell: (cron) => (cron.status?.active ?? []).length,
  },
  {
    name: 'Last Schedule',
    description: ['batch/v1.CronJobStatus', 'lastScheduleTime'],
    cell: ({ status }, context) => (status?.lastScheduleTime ? since(status.lastScheduleTime, context) : '<none>'),
  },
  ageColumn,
  ...containerColumns.map((column): Column<batchv1.CronJob> => ({
    ...column,
    cell: ({ spec }, context) => column.cell(spec?.jobTemplate.spec ? { spec: spec.jobTemplate.spec } : {}, context),
  })),
  {
    name: 'Selector',
    priority: 1,
    description: ['batch/v1.JobSpec', 'selector'],
    cell: (cron) => formatLabelSelector(cron.spec?.jobTemplate.spec?.selector),
  },
]);
