import { describe, expect, it } from 'vitest';
import { apiserverFlags } from './apiserver-flags';
import { controllerManagerFlags } from './controller-manager-flags';
import type { FlagTable } from './flag-table';
import { kubeletFlags } from './kubelet-flags';
import { idleNames, parseFlags } from './parse-flags';
import { schedulerFlags } from './scheduler-flags';

/** Names of v1.36, those that it has deprecated among them, by where component-base and k8s.io/apiserver define them. */
const shared = {
  tls: 'tls-cert-file tls-private-key-file tls-cipher-suites tls-min-version tls-curve-preferences',
  serving: `bind-address cert-dir disable-http2-serving http2-max-streams-per-connection permit-address-sharing permit-port-sharing
    secure-port tls-sni-cert-key`,
  requestHeader: `requestheader-allowed-names requestheader-client-ca-file requestheader-extra-headers-prefix
    requestheader-group-headers requestheader-uid-headers requestheader-username-headers`,
  delegated: `authentication-kubeconfig authentication-skip-lookup authentication-token-webhook-cache-ttl
    authentication-tolerate-lookup-failure authorization-always-allow-paths authorization-kubeconfig
    authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl client-ca-file`,
  leaderElection: `leader-elect leader-elect-lease-duration leader-elect-renew-deadline leader-elect-resource-lock
    leader-elect-resource-name leader-elect-resource-namespace leader-elect-retry-period`,
  client: 'kube-api-burst kube-api-content-type kube-api-qps kubeconfig master',
  metrics: 'allow-metric-labels allow-metric-labels-manifest disabled-metrics show-hidden-metrics-for-version',
  logs: `log-flush-frequency log-json-info-buffer-size log-json-split-stream log-text-info-buffer-size log-text-split-stream
    logging-format v vmodule`,
  versions: 'emulated-version feature-gates min-compatibility-version',
  profiling: 'contention-profiling profiling',
  global: 'help version',
};
const { tls, serving, requestHeader, delegated, leaderElection, client, metrics, logs, versions, profiling, global } =
  shared;

const audit = ['log', 'webhook'].flatMap((backend) =>
  `batch-buffer-size batch-max-size batch-max-wait batch-throttle-burst batch-throttle-enable batch-throttle-qps mode
  truncate-enabled truncate-max-batch-size truncate-max-event-size version`
    .split(/\s+/)
    .map((name) => `audit-${backend}-${name}`),
);

const upstream = {
  'kube-apiserver': [
    tls,
    serving,
    requestHeader,
    metrics,
    logs,
    versions,
    profiling,
    global,
    audit.join(' '),
    `advertise-address cors-allowed-origins emulation-forward-compatible external-hostname goaway-chance livez-grace-period
    max-mutating-requests-inflight max-requests-inflight min-request-timeout request-timeout
    runtime-config-emulation-forward-compatible shutdown-delay-duration shutdown-send-retry-after
    shutdown-watch-termination-grace-period strict-transport-security-directives`,
    `default-watch-cache-size delete-collection-workers enable-garbage-collector encryption-provider-config
    encryption-provider-config-automatic-reload etcd-cafile etcd-certfile etcd-compaction-interval
    etcd-count-metric-poll-period etcd-db-metric-poll-interval etcd-healthcheck-timeout etcd-keyfile etcd-prefix
    etcd-readycheck-timeout etcd-servers etcd-servers-overrides lease-reuse-duration-seconds storage-backend
    storage-initialization-timeout storage-media-type watch-cache watch-cache-sizes`,
    `audit-log-compress audit-log-format audit-log-maxage audit-log-maxbackup audit-log-maxsize audit-log-path
    audit-policy-file audit-webhook-batch-initial-backoff audit-webhook-config-file audit-webhook-initial-backoff`,
    'debug-socket-path enable-priority-and-fairness',
    `anonymous-auth api-audiences authentication-config authentication-token-webhook-cache-ttl
    authentication-token-webhook-config-file authentication-token-webhook-version client-ca-file
    enable-bootstrap-token-auth oidc-ca-file oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url
    oidc-required-claim oidc-signing-algs oidc-username-claim oidc-username-prefix
    service-account-extend-token-expiration service-account-issuer service-account-jwks-uri service-account-key-file
    service-account-lookup service-account-max-token-expiration service-account-signing-endpoint token-auth-file`,
    `authorization-config authorization-mode authorization-policy-file authorization-webhook-cache-authorized-ttl
    authorization-webhook-cache-unauthorized-ttl authorization-webhook-config-file authorization-webhook-version`,
    'runtime-config egress-selector-config-file tracing-config-file',
    `admission-control admission-control-config-file default-not-ready-toleration-seconds
    default-unreachable-toleration-seconds disable-admission-plugins enable-admission-plugins`,
    `aggregator-reject-forwarding-redirect allow-privileged apiserver-count coordinated-leadership-lease-duration
    coordinated-leadership-renew-deadline coordinated-leadership-retry-period enable-aggregator-routing
    enable-logs-handler endpoint-reconciler-type event-ttl kubelet-certificate-authority kubelet-client-certificate
    kubelet-client-key kubelet-port kubelet-preferred-address-types kubelet-read-only-port kubelet-timeout
    kubernetes-service-node-port max-connection-bytes-per-sec peer-advertise-ip peer-advertise-port peer-ca-file
    proxy-client-cert-file proxy-client-key-file service-account-signing-key-file service-cluster-ip-range
    service-node-port-range`,
  ],
  'kube-controller-manager': [
    tls,
    serving,
    requestHeader,
    delegated,
    leaderElection,
    client,
    metrics,
    logs,
    versions,
    profiling,
    global,
    `allocate-node-cidrs cidr-allocator-type cloud-config cloud-provider cluster-cidr cluster-name config
    configure-cloud-routes controller-shutdown-timeout controller-start-interval controllers enable-leader-migration
    external-cloud-volume-plugin leader-migration-config min-resync-period node-monitor-period
    route-reconciliation-period use-service-account-credentials`,
    `attach-detach-reconcile-sync-period disable-attach-detach-reconcile-sync disable-force-detach-on-timeout
    concurrent-cron-job-syncs concurrent-daemonset-syncs concurrent-deployment-syncs
    concurrent-device-taint-eviction-syncs concurrent-endpoint-syncs endpoint-updates-batch-period
    concurrent-service-endpoint-syncs endpointslice-updates-batch-period max-endpoints-per-slice
    mirroring-concurrent-service-endpoint-syncs mirroring-endpointslice-updates-batch-period
    mirroring-max-endpoints-per-subset concurrent-ephemeralvolume-syncs concurrent-gc-syncs enable-garbage-collector
    concurrent-horizontal-pod-autoscaler-syncs horizontal-pod-autoscaler-cpu-initialization-period
    horizontal-pod-autoscaler-downscale-stabilization horizontal-pod-autoscaler-initial-readiness-delay
    horizontal-pod-autoscaler-sync-period horizontal-pod-autoscaler-tolerance concurrent-job-syncs
    legacy-service-account-token-clean-up-period concurrent-namespace-syncs namespace-sync-period node-cidr-mask-size
    node-cidr-mask-size-ipv4 node-cidr-mask-size-ipv6 service-cluster-ip-range large-cluster-size-threshold
    node-eviction-rate node-monitor-grace-period node-startup-grace-period secondary-node-eviction-rate
    unhealthy-zone-threshold`,
    `cluster-signing-cert-file cluster-signing-duration cluster-signing-key-file
    cluster-signing-kube-apiserver-client-cert-file cluster-signing-kube-apiserver-client-key-file
    cluster-signing-kubelet-client-cert-file cluster-signing-kubelet-client-key-file
    cluster-signing-kubelet-serving-cert-file cluster-signing-kubelet-serving-key-file
    cluster-signing-legacy-unknown-cert-file cluster-signing-legacy-unknown-key-file`,
    `enable-dynamic-provisioning enable-hostpath-provisioner flex-volume-plugin-dir pv-recycler-increment-timeout-nfs
    pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs pv-recycler-pod-template-filepath-hostpath
    pv-recycler-pod-template-filepath-nfs pv-recycler-timeout-increment-hostpath pvclaimbinder-sync-period
    terminated-pod-gc-threshold concurrent-replicaset-syncs concurrent-rc-syncs concurrent-resource-claim-syncs
    concurrent-resource-quota-syncs resource-quota-sync-period concurrent-service-syncs
    concurrent-serviceaccount-token-syncs root-ca-file service-account-private-key-file concurrent-statefulset-syncs
    concurrent-ttl-after-finished-syncs concurrent-validating-admission-policy-status-syncs`,
  ],
  'kube-scheduler': [
    tls,
    serving,
    requestHeader,
    delegated,
    leaderElection,
    client,
    metrics,
    logs,
    versions,
    profiling,
    global,
    'config pod-max-in-unschedulable-pods-duration write-config-to',
  ],
  kubelet: [
    tls,
    logs,
    profiling,
    global,
    `kubeconfig bootstrap-kubeconfig kube-api-burst kube-api-content-type kube-api-qps feature-gates`,
    `address allowed-unsafe-sysctls anonymous-auth application-metrics-count-limit authentication-token-webhook
    authentication-token-webhook-cache-ttl authorization-mode authorization-webhook-cache-authorized-ttl
    authorization-webhook-cache-unauthorized-ttl boot-id-file cert-dir cgroup-driver cgroup-root cgroups-per-qos
    client-ca-file cloud-config cloud-provider cluster-dns cluster-domain config config-dir container-hints
    container-log-max-files container-log-max-size container-runtime-endpoint containerd containerd-namespace
    cpu-cfs-quota cpu-cfs-quota-period cpu-manager-policy cpu-manager-policy-options cpu-manager-reconcile-period
    enable-controller-attach-detach enable-debugging-handlers enable-load-reader enable-server enforce-node-allocatable
    event-burst event-qps event-storage-age-limit event-storage-event-limit eviction-hard eviction-max-pod-grace-period
    eviction-minimum-reclaim eviction-pressure-transition-period eviction-soft eviction-soft-grace-period
    exit-on-lock-contention experimental-allocatable-ignore-eviction fail-cgroupv1 fail-swap-on file-check-frequency
    global-housekeeping-interval hairpin-mode healthz-bind-address healthz-port hostname-override housekeeping-interval
    http-check-frequency image-credential-provider-bin-dir image-credential-provider-config image-gc-high-threshold
    image-gc-low-threshold image-service-endpoint kernel-memcg-notification kube-reserved kube-reserved-cgroup
    kubelet-cgroups local-storage-capacity-isolation lock-file log-cadvisor-usage machine-id-file
    make-iptables-util-chains manifest-url manifest-url-header max-open-files max-pods maximum-dead-containers
    maximum-dead-containers-per-container memory-manager-policy minimum-container-ttl-duration
    minimum-image-ttl-duration node-ip node-labels node-status-max-images node-status-update-frequency oom-score-adj
    pod-cidr pod-infra-container-image pod-manifest-path pod-max-pids pods-per-core port protect-kernel-defaults
    provider-id qos-reserved read-only-port register-node register-schedulable register-with-taints registry-burst
    registry-qps reserved-cpus reserved-memory resolv-conf root-dir rotate-certificates rotate-server-certificates
    runonce runtime-cgroups runtime-request-timeout seccomp-default serialize-image-pulls storage-driver-buffer-duration
    storage-driver-db storage-driver-host storage-driver-password storage-driver-secure storage-driver-table
    storage-driver-user streaming-connection-idle-timeout sync-frequency system-cgroups system-reserved
    system-reserved-cgroup topology-manager-policy topology-manager-policy-options topology-manager-scope
    volume-plugin-dir volume-stats-agg-period`,
  ],
} as const satisfies Record<string, readonly string[]>;

/** Ours alone. */
const ours = {
  'kube-apiserver': [
    `data-dir http2 nats nats-creds nats-include-secrets nats-password nats-stream nats-subject-prefix nats-tls-ca nats-tls-cert
    nats-tls-key nats-user retention`,
  ],
  'kube-controller-manager': ['service-account-token-secrets'],
  'kube-scheduler': [],
  kubelet: ['node-addresses node-name-prefix nodes pod-stages'],
} as const satisfies Record<string, readonly string[]>;

const retiredLogs = `add-dir-header alsologtostderr log-backtrace-at log-dir log-file log-file-max-size logtostderr one-output
  skip-headers skip-log-headers stderrthreshold`;
/** What manifests of older versions say; some with effect. */
const retired = {
  'kube-apiserver': [
    retiredLogs,
    `basic-auth-file cloud-config cloud-provider cloud-provider-gce-l7lb-src-cidrs insecure-bind-address insecure-port
    kubelet-https master-service-namespace`,
  ],
  'kube-controller-manager': [
    retiredLogs,
    `address debug-socket-path deployment-controller-sync-period emulation-forward-compatible enable-taint-manager
    horizontal-pod-autoscaler-downscale-delay horizontal-pod-autoscaler-upscale-delay pod-eviction-timeout port
    volume-host-allow-local-loopback volume-host-cidr-denylist`,
  ],
  'kube-scheduler': [
    retiredLogs,
    `address algorithm-provider debug-socket-path emulation-forward-compatible hard-pod-affinity-symmetric-weight
    lock-object-name lock-object-namespace policy-config-file port scheduler-name`,
  ],
  kubelet: [
    retiredLogs,
    `cni-bin-dir cni-conf-dir container-runtime debug-socket-path experimental-mounter-path iptables-drop-bit
    iptables-masquerade-bit keep-terminated-pod-volumes max-parallel-image-pulls network-plugin
    nodes-lease-duration-seconds shutdown-grace-period shutdown-grace-period-critical-pods static-pod-path`,
  ],
} as const satisfies Record<keyof typeof ours, readonly string[]>;

const words = (texts: readonly string[]): readonly string[] => texts.join(' ').match(/\S+/g) ?? [];

const known = ({ sections, idle, refused = [] }: FlagTable): readonly string[] => [
  ...Object.values(sections).flatMap((flags) => Object.keys(flags)),
  ...[...idle, ...refused].flatMap(({ names }) => idleNames(names).map(({ name }) => name)),
];

describe.each([apiserverFlags, controllerManagerFlags, schedulerFlags, kubeletFlags] as readonly FlagTable[])(
  'the flags of $program',
  (table) => {
    const names = words(upstream[table.program as keyof typeof upstream]);
    it('are all of v1.36’s', () => {
      expect(names.filter((name) => !known(table).includes(name))).toEqual([]);
    });
    it('and others that are ours, or that upstream had once', () => {
      const others = words([
        ...ours[table.program as keyof typeof ours],
        ...retired[table.program as keyof typeof ours],
      ]);
      expect(
        known(table)
          .filter((name) => !names.includes(name))
          .sort(),
      ).toEqual([...others].sort());
    });

    it('each say what becomes of them', () => {
      for (const { names: listed, because, hint } of table.refused ?? [])
        for (const { name } of idleNames(listed))
          expect(() => parseFlags(table, [`--${name}=x`])).toThrow(
            expect.objectContaining({ code: 'Option', message: `--${name}: ${because}`, hint }),
          );
      for (const { names: listed } of table.idle)
        for (const { name } of idleNames(listed))
          expect(parseFlags(table, [`--${name}=x`]).warnings).toEqual([expect.stringMatching(`^--${name}: .`)]);
    });
  },
);
