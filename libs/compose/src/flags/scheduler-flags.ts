import { featureGates } from './feature-gates';
import { duration, file } from './flag';
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
  Deprecated: {
    ...requestRateFlags({ qps: 50, burst: 100 }),
    'pod-max-in-unschedulable-pods-duration': duration(
      'a pod for which no node was found is tried again after this time, should no event have helped it',
      '5m0s',
    ),
  },
  'Feature gate': { 'feature-gates': featureGates },
  Logs: logFlags,
  Global: globalFlags,
};

export const schedulerFlags: FlagTable<typeof sections> = {
  program: 'kube-scheduler',
  about: 'The scheduler: gives each pod a node, through any Kubernetes apiserver.',
  sections,
  idle: [
    sharedIdle.http2,
    sharedIdle.sharing,
    sharedIdle.delegatedAuthentication,
    {
      section: 'Deprecated',
      names: `${sharedIdle.features.names} kube-api-content-type address port`,
    },
    { section: 'Feature gate', names: sharedIdle.gates.names },
    sharedIdle.metrics,
    sharedIdle.logs,
  ],
  refused: [
    {
      section: 'Misc',
      names: 'write-config-to',
      because: 'no file is written',
      hint: 'GET /configz of the running scheduler shows what is in effect',
    },
    {
      section: 'Deprecated',
      names: 'algorithm-provider policy-config-file scheduler-name hard-pod-affinity-symmetric-weight',
      because: 'upstream has removed it',
      hint: 'say it in the profiles of --config',
    },
    {
      section: 'Deprecated',
      names: 'lock-object-name lock-object-namespace',
      because: 'upstream has removed it',
      hint: 'use --leader-elect-resource-name and --leader-elect-resource-namespace',
    },
  ],
};

export type SchedulerFlags = FlagValues<typeof sections>;
