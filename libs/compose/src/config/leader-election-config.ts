import * as z from 'zod';
import { durationMs } from '../flags/flag';

/** A Go duration, in milliseconds. */
export const configDuration = z.string().transform((written, ctx) => {
  try {
    return durationMs(written);
  } catch (error) {
    ctx.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    return z.NEVER;
  }
});

/** component-base/config/v1alpha1 `LeaderElectionConfiguration`, as values of the `--leader-elect…` flags. */
export const leaderElectionConfig = z
  .strictObject({
    leaderElect: z.boolean().optional(),
    leaseDuration: configDuration.optional(),
    renewDeadline: configDuration.optional(),
    retryPeriod: configDuration.optional(),
    resourceLock: z.string().optional(),
    resourceName: z.string().optional(),
    resourceNamespace: z.string().optional(),
  })
  .transform((c) => ({
    'leader-elect': c.leaderElect,
    'leader-elect-lease-duration': c.leaseDuration,
    'leader-elect-renew-deadline': c.renewDeadline,
    'leader-elect-retry-period': c.retryPeriod,
    'leader-elect-resource-name': c.resourceName,
    'leader-elect-resource-namespace': c.resourceNamespace,
  }));

/** component-base/config/v1alpha1 `ClientConnectionConfiguration`; content types are the client's own matter here. */
export const clientConnectionConfig = z
  .strictObject({
    kubeconfig: z.string().optional(),
    acceptContentTypes: z.string().optional(),
    contentType: z.string().optional(),
    qps: z.number().optional(),
    burst: z.number().int().min(0).optional(),
  })
  .transform((c) => ({ kubeconfig: c.kubeconfig, 'kube-api-qps': c.qps, 'kube-api-burst': c.burst }));
