import { bool, duration, file, list, portRange, text, whole } from './flag';
import type { FlagTable, FlagValues } from './flag-table';
import { globalFlags, logFlags, secureServingFlags, sharedIdle } from './shared-flags';

const sections = {
  Generic: {
    'advertise-address': text('address that the kubernetes Service leads to; default: one of this host', '', {
      placeholder: 'ip',
    }),
    'external-hostname': text('a further name that clients may use'),
    'max-requests-inflight': whole('reading requests at a time; 0 sets no limit', { initial: 400 }),
    'max-mutating-requests-inflight': whole('writing requests at a time; 0 sets no limit', { initial: 200 }),
    'min-request-timeout': whole('least seconds that a watch lasts which names no time', { initial: 1800 }),
    'request-timeout': duration('in which a request must have come in', '1m0s'),
  },
  'Secure serving': secureServingFlags(6443),
  Authentication: {
    'anonymous-auth': bool('let requests without credentials in as system:anonymous', true),
    'api-audiences': list('audiences of tokens for this server; default: the service account issuers'),
    'client-ca-file': file(
      'who shows a client certificate of these authorities is who it names; default: the CA of the data directory',
    ),
    'service-account-extend-token-expiration': bool(
      'give tokens of pods a year, and warn of their use after an hour',
      true,
    ),
    'service-account-issuer': list('issuer of service account tokens; further ones are accepted, not issued', [
      'https://kubernetes.default.svc',
    ]),
    'service-account-jwks-uri': text('where others find the keys of service account tokens'),
    'service-account-key-file': list('keys (public or private) that service account tokens may be signed with', [], {
      placeholder: 'files',
    }),
    'service-account-max-token-expiration': duration('longest life of an issued token; 0 sets no limit', '0'),
    'token-auth-file': file('CSV of static tokens: token,user,uid,"group1,group2"'),
  },
  Authorization: {
    'authorization-mode': list('who decides, in this order: AlwaysAllow, AlwaysDeny, Node, RBAC', ['AlwaysAllow']),
  },
  Admission: {
    'disable-admission-plugins': list('admission plugins to leave out'),
    'enable-admission-plugins': list('admission plugins beside the usual ones'),
  },
  Logs: logFlags,
  Misc: {
    'allow-privileged': bool('taken for what it is in a real cluster; privileged pods are always let in'),
    'event-ttl': duration('how long Events are kept', '1h0m0s'),
    'insecure-port': whole('taken if it is 0: there is no port without TLS', { initial: 0, most: 0 }),
    'kubelet-certificate-authority': file(
      'authority of the certificates of kubelets; without it they are not verified',
    ),
    'kubelet-client-certificate': file('certificate shown to kubelets'),
    'kubelet-client-key': file('key of --kubelet-client-certificate'),
    'kubelet-preferred-address-types': list(
      "which of a Node's addresses to use, best first (upstream begins with Hostname: names of simulated nodes lead nowhere)",
      ['InternalIP', 'InternalDNS', 'ExternalIP', 'ExternalDNS', 'Hostname'],
    ),
    'service-account-signing-key-file': file(
      'key that signs service account tokens; default: the one of the data directory',
    ),
    'service-cluster-ip-range': text('addresses of Services', '10.0.0.0/24', { placeholder: 'cidr' }),
    'service-node-port-range': portRange('node ports of Services', { from: 30_000, to: 32_767 }),
  },
  Reckon: {
    'data-dir': text('where the event log, certificates and kubeconfig are', '.reckon', { placeholder: 'folder' }),
    retention: text(
      'how long history is kept, as in pods=24h,leases.coordination.k8s.io=5m,*=168h; default: Leases 5m, Events twice --event-ttl, everything else forever',
      '',
      { placeholder: 'resource=duration,...' },
    ),
    nats: text('NATS servers with JetStream on which the log is published, like nats://127.0.0.1:4222', '', {
      placeholder: 'urls',
    }),
    'nats-stream': text('name of the stream; default: RECKON'),
    'nats-subject-prefix': text('first part of the subjects; default: reckon'),
    'nats-creds': file('credentials for NATS'),
    'nats-user': text('user for NATS'),
    'nats-password': text('password of --nats-user'),
    'nats-tls-ca': file('authority of the certificate of NATS'),
    'nats-tls-cert': file('client certificate for NATS'),
    'nats-tls-key': file('key of --nats-tls-cert'),
    'nats-include-secrets': bool('publish what Secrets hold, not their metadata alone'),
  },
  Global: globalFlags,
};

export const apiserverFlags: FlagTable<typeof sections> = {
  program: 'kube-apiserver',
  about: 'The apiserver: serves the Kubernetes API over an append-only event log.',
  sections,
  idle: [
    {
      section: 'Generic',
      names: `cors-allowed-origins feature-gates goaway-chance livez-grace-period shutdown-delay-duration
        shutdown-send-retry-after? shutdown-watch-termination-grace-period strict-transport-security-directives
        emulated-version emulation-forward-compatible? min-compatibility-version runtime-config-emulation-forward-compatible?`,
    },
    {
      section: 'Etcd',
      names: `etcd-cafile etcd-certfile etcd-compaction-interval etcd-count-metric-poll-period etcd-db-metric-poll-interval
        etcd-healthcheck-timeout etcd-keyfile etcd-prefix etcd-readycheck-timeout etcd-servers etcd-servers-overrides
        storage-backend storage-media-type storage-initialization-timeout lease-reuse-duration-seconds`,
      because: 'the event log in --data-dir replaces etcd',
    },
    {
      section: 'Etcd',
      names: `default-watch-cache-size delete-collection-workers enable-garbage-collector? encryption-provider-config
        encryption-provider-config-automatic-reload? watch-cache? watch-cache-sizes`,
    },
    sharedIdle.secureServing,
    {
      section: 'Auditing',
      names: `audit-log-batch-buffer-size audit-log-batch-max-size audit-log-batch-max-wait audit-log-batch-throttle-burst
        audit-log-batch-throttle-enable? audit-log-batch-throttle-qps audit-log-compress? audit-log-format audit-log-maxage
        audit-log-maxbackup audit-log-maxsize audit-log-mode audit-log-path audit-log-truncate-enabled?
        audit-log-truncate-max-batch-size audit-log-truncate-max-event-size audit-log-version audit-policy-file
        audit-webhook-batch-buffer-size audit-webhook-batch-max-size audit-webhook-batch-max-wait
        audit-webhook-batch-throttle-burst audit-webhook-batch-throttle-enable? audit-webhook-batch-throttle-qps
        audit-webhook-config-file audit-webhook-initial-backoff audit-webhook-mode audit-webhook-truncate-enabled?
        audit-webhook-truncate-max-batch-size audit-webhook-truncate-max-event-size audit-webhook-version`,
      because: 'audit logs are not there yet; the event log tells who did what',
    },
    sharedIdle.features,
    { section: 'Features', names: 'enable-priority-and-fairness?' },
    {
      section: 'Authentication',
      names: `authentication-config authentication-token-webhook-cache-ttl authentication-token-webhook-config-file
        authentication-token-webhook-version enable-bootstrap-token-auth? oidc-ca-file oidc-client-id oidc-groups-claim
        oidc-groups-prefix oidc-issuer-url oidc-required-claim oidc-signing-algs oidc-username-claim oidc-username-prefix
        requestheader-allowed-names requestheader-client-ca-file requestheader-extra-headers-prefix
        requestheader-group-headers requestheader-uid-headers requestheader-username-headers service-account-signing-endpoint`,
      because: 'this way to authenticate is not there yet',
    },
    { section: 'Authentication', names: 'service-account-lookup?', because: 'accounts are always looked up' },
    {
      section: 'Authorization',
      names: `authorization-config authorization-policy-file authorization-webhook-cache-authorized-ttl
        authorization-webhook-cache-unauthorized-ttl authorization-webhook-config-file authorization-webhook-version`,
      because: 'this way to authorize is not there yet',
    },
    { section: 'Cloud provider', names: 'cloud-config cloud-provider cloud-provider-gce-l7lb-src-cidrs' },
    { section: 'API enablement', names: 'runtime-config' },
    { section: 'Egress selector', names: 'egress-selector-config-file' },
    {
      section: 'Admission',
      names:
        'admission-control admission-control-config-file default-not-ready-toleration-seconds default-unreachable-toleration-seconds',
    },
    sharedIdle.metrics,
    sharedIdle.logs,
    { section: 'Traces', names: 'tracing-config-file' },
    {
      section: 'Misc',
      names: `aggregator-reject-forwarding-redirect? apiserver-count coordinated-leadership-lease-duration
        coordinated-leadership-renew-deadline coordinated-leadership-retry-period enable-aggregator-routing? enable-logs-handler?
        endpoint-reconciler-type insecure-bind-address kubelet-https? kubelet-port kubelet-read-only-port kubelet-timeout
        kubernetes-service-node-port master-service-namespace max-connection-bytes-per-sec peer-advertise-ip
        peer-advertise-port peer-ca-file proxy-client-cert-file proxy-client-key-file`,
    },
  ],
};

export type ApiserverFlags = FlagValues<typeof sections>;
