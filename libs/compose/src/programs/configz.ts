import type { RequestRate } from '@reckon/client/rest';
import type { LeaderElectionFlags } from './elected';

/** Milliseconds as Go prints a duration of whole seconds: `1m0s`. */
export function goDuration(ms: number): string {
  const seconds = ms / 1000;
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (h > 0) return `${String(h)}h${String(m)}m${String(s)}s`;
  if (m > 0) return `${String(m)}m${String(s)}s`;
  return `${String(s)}s`;
}

/** component-base/config/v1alpha1 `LeaderElectionConfiguration`. */
export const leaderElectionOf = (flags: LeaderElectionFlags): object => ({
  leaderElect: flags['leader-elect'],
  leaseDuration: goDuration(flags['leader-elect-lease-duration']),
  renewDeadline: goDuration(flags['leader-elect-renew-deadline']),
  retryPeriod: goDuration(flags['leader-elect-retry-period']),
  resourceLock: 'leases',
  resourceName: flags['leader-elect-resource-name'],
  resourceNamespace: flags['leader-elect-resource-namespace'],
});

/** component-base/config/v1alpha1 `ClientConnectionConfiguration`; no limit is upstream's -1. */
export const clientConnectionOf = (
  { kubeconfig }: { readonly kubeconfig: string },
  rate: RequestRate | undefined,
): object => ({ kubeconfig, qps: rate?.perSecond ?? -1, burst: rate?.burst ?? 0 });
