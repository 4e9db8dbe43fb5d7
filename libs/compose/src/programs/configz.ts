import { durationText } from '@reckon/api/machinery';
import type { RequestRate } from '@reckon/client/rest';
import type { LeaderElectionFlags } from './elected';

/** component-base/config/v1alpha1 `LeaderElectionConfiguration`. */
export const leaderElectionOf = (flags: LeaderElectionFlags): object => ({
  leaderElect: flags['leader-elect'],
  leaseDuration: durationText(flags['leader-elect-lease-duration']),
  renewDeadline: durationText(flags['leader-elect-renew-deadline']),
  retryPeriod: durationText(flags['leader-elect-retry-period']),
  resourceLock: 'leases',
  resourceName: flags['leader-elect-resource-name'],
  resourceNamespace: flags['leader-elect-resource-namespace'],
});

/** component-base/config/v1alpha1 `ClientConnectionConfiguration`; no limit is upstream's -1. */
export const clientConnectionOf = (
  { kubeconfig }: { readonly kubeconfig: string },
  rate: RequestRate | undefined,
): object => ({ kubeconfig, qps: rate?.perSecond ?? -1, burst: rate?.burst ?? 0 });
