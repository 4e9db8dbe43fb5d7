import { file } from './flag';
import type { FlagTable, FlagValues } from './flag-table';
import {
  clientFlags,
  delegatedAuthenticationFlags,
  delegatedAuthorizationFlags,
  globalFlags,
  leaderElectionFlags,
  logFlags,
  requestRateFlags,
  secureServingFlags,
  sharedIdle,
} from './shared-flags';

const sections = {
  Misc: { config: file('a KubeSchedulerConfiguration, v1; flags win over it'), ...clientFlags },
  'Secure serving': secureServingFlags(10_259),
  Authentication: delegatedAuthenticationFlags,
  Authorization: delegatedAuthorizationFlags,
  'Leader election': leaderElectionFlags('kube-scheduler'),
  Deprecated: requestRateFlags({ qps: 50, burst: 100 }),
  Logs: logFlags,
  Global: globalFlags,
};

export const schedulerFlags: FlagTable<typeof sections> = {
  program: 'kube-scheduler',
  about: 'The scheduler: gives each pod a node, through any Kubernetes apiserver.',
  sections,
  idle: [
    { section: 'Misc', names: 'write-config-to' },
    sharedIdle.secureServing,
    sharedIdle.delegatedAuthentication,
    {
      section: 'Deprecated',
      names: `${sharedIdle.features.names} kube-api-content-type
        pod-max-in-unschedulable-pods-duration address port algorithm-provider policy-config-file scheduler-name
        lock-object-name lock-object-namespace hard-pod-affinity-symmetric-weight`,
    },
    { section: 'Leader election', names: 'leader-elect-resource-lock' },
    { section: 'Feature gate', names: sharedIdle.gates.names },
    sharedIdle.metrics,
    sharedIdle.logs,
  ],
};

export type SchedulerFlags = FlagValues<typeof sections>;
