import { deepCopy, newControllerReference, zoneOffset, zonedTimeText } from '@reckon/api/machinery';
import type { Job } from '../job/job';
import { type CronJob, cronJobType } from './cron-job';

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Named by the minute, so that there is one job for a moment whatever fails: `backup-29463840`. */
export const jobNameOf = ({ metadata }: CronJob, atMs: number): string =>
  `${metadata.name ?? ''}-${String(Math.floor(atMs / 60_000))}`;

/** `getJobFromTemplate2`. */
export function jobOf(cronJob: CronJob, atMs: number): Job {
  const { metadata = {}, spec = { template: {} } } = cronJob.spec?.jobTemplate ?? {};
  const offset = zoneOffset(cronJob.spec?.timeZone ?? '') ?? (() => 0);
  return {
    metadata: {
      name: jobNameOf(cronJob, atMs),
      namespace: cronJob.metadata.namespace ?? '',
      ...(metadata.labels === undefined ? {} : { labels: { ...metadata.labels } }),
      annotations: { ...metadata.annotations, [scheduledAnnotation]: zonedTimeText(atMs, offset) },
      ownerReferences: [newControllerReference(cronJob, cronJobType)],
    },
    spec: deepCopy(spec),
  };
}
