import { z } from 'zod';
import type { SchedulerFlags } from '../flags/scheduler-flags';
import { clientConnectionConfig, leaderElectionConfig } from './leader-election-config';
import { type ConfigKind, idleFields } from './read-config-file';

const profile = z.strictObject({ schedulerName: z.literal('default-scheduler').optional() });

const schema = z
  .strictObject({
    leaderElection: leaderElectionConfig.optional(),
    clientConnection: clientConnectionConfig.optional(),
    profiles: z.array(profile).max(1).optional(),
  })
  .transform((c): Partial<SchedulerFlags> => compact({ ...c.leaderElection, ...c.clientConnection }));

/** `KubeSchedulerConfiguration`, as values of the scheduler's flags. */
export const schedulerConfig: ConfigKind<Partial<SchedulerFlags>> = {
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  schema,
  idle: idleFields(`parallelism enableProfiling enableContentionProfiling percentageOfNodesToScore podInitialBackoffSeconds
    podMaxBackoffSeconds delayCacheUntilActive healthzBindAddress metricsBindAddress`),
};

/** Without what a file leaves out. */
export function compact<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
