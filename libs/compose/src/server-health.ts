import type { HealthCheck } from '@reckon/serve/http';

/** What of Reckon a check is about. */
export interface ServerHealth {
  /** Why the event log can no longer be trusted with a change; undefined while it can. */
  readonly logFailure: () => string | undefined;
  /** Why changes are not taken just now, while everything else is: a restart would not help. */
  readonly writeFailure: () => string | undefined;
  /** What every cluster has is there, and what the apiserver itself keeps up to date is being kept. */
  readonly isBootstrapped: () => boolean;
  /** The server's own certificate has not run out. */
  readonly isCertificateValid: () => boolean;
}

/**
 * `start`: stands before the first connection is taken (the state is folded, admission and limits are made), so that answering shows
 * it. Where upstream has an informer or a controller that may lag, or one that a single server over its own log has no use for, there
 * is nothing here that could.
 */
type Part = 'start' | 'log' | 'writes' | 'bootstrap' | 'certificate';

const live = ['healthz', 'livez'] as const;
const ready = ['readyz'] as const;

/** Upstream's checks in upstream's order: scripts and probes ask for them, and exclude them, by name. */
const checks: readonly (readonly [name: string, part: Part, endpoints?: HealthCheck['endpoints']])[] = [
  ['loopback-serving-certificate', 'certificate', live],
  ['etcd', 'log', live],
  ['informer-sync', 'start', ready],
  ['poststarthook/start-apiserver-admission-initializer', 'start'],
  ['poststarthook/generic-apiserver-start-informers', 'start'],
  ['poststarthook/priority-and-fairness-config-consumer', 'bootstrap'],
  ['poststarthook/priority-and-fairness-filter', 'start'],
  ['poststarthook/storage-object-count-tracker-hook', 'start'],
  ['poststarthook/start-apiextensions-informers', 'start'],
  ['poststarthook/start-apiextensions-controllers', 'start'],
  ['poststarthook/crd-informer-synced', 'start'],
  ['poststarthook/start-system-namespaces-controller', 'bootstrap'],
  ['poststarthook/peer-endpoint-reconciler-controller', 'bootstrap'],
  ['poststarthook/start-cluster-authentication-info-controller', 'bootstrap'],
  ['poststarthook/start-kube-apiserver-identity-lease-controller', 'start'],
  ['poststarthook/start-kube-apiserver-identity-lease-garbage-collector', 'start'],
  ['poststarthook/storage-readiness', 'log', live],
  ['poststarthook/storage-readiness', 'writes', ready],
  ['poststarthook/start-legacy-token-tracking-controller', 'start'],
  ['poststarthook/start-service-ip-repair-controllers', 'bootstrap'],
  ['poststarthook/rbac/bootstrap-roles', 'bootstrap'],
  ['poststarthook/scheduling/bootstrap-system-priority-classes', 'bootstrap'],
  ['poststarthook/priority-and-fairness-config-producer', 'bootstrap'],
  ['poststarthook/bootstrap-controller', 'bootstrap'],
  ['poststarthook/start-kubernetes-service-cidr-controller', 'bootstrap'],
  ['poststarthook/start-kube-aggregator-informers', 'start'],
  ['poststarthook/apiservice-status-local-available-controller', 'bootstrap'],
  ['poststarthook/apiservice-status-remote-available-controller', 'bootstrap'],
  ['poststarthook/apiservice-registration-controller', 'bootstrap'],
  ['poststarthook/apiservice-wait-for-first-sync', 'bootstrap'],
  ['poststarthook/apiservice-discovery-controller', 'start'],
  ['poststarthook/kube-apiserver-autoregistration', 'bootstrap'],
  ['autoregister-completion', 'bootstrap'],
  ['poststarthook/apiservice-openapi-controller', 'start'],
  ['poststarthook/apiservice-openapiv3-controller', 'start'],
];

/** The apiserver's checks, besides those that every server has (`ping`, `log`, `shutdown`). */
export function serverHealth(health: ServerHealth): readonly HealthCheck[] {
  const failures: Readonly<Record<Part, () => string | undefined>> = {
    start: () => undefined,
    log: health.logFailure,
    writes: () => health.logFailure() ?? health.writeFailure(),
    bootstrap: () => (health.isBootstrapped() ? undefined : 'not finished'),
    certificate: () => (health.isCertificateValid() ? undefined : 'the serving certificate has expired'),
  };
  return checks.map(([name, part, endpoints]) => ({
    name,
    ...(endpoints === undefined ? {} : { endpoints }),
    check: () => {
      const failure = failures[part]();
      if (failure !== undefined) throw new Error(failure);
    },
  }));
}
