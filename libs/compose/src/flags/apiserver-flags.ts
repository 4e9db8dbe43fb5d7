import { admissionFlags } from './admission-flags';
import { auditFlags } from './audit-flags';
import { featureGates } from './feature-gates';
import { bool, duration, file, float, list, portRange, text, whole } from './flag';
import { authenticationFlags } from './authentication-flags';
import { authorizationFlags } from './authorization-flags';
import type { FlagTable, FlagValues } from './flag-table';
import { globalFlags, logFlags, secureServingFlags, sharedIdle } from './shared-flags';

const sections = {
  Generic: {
    'advertise-address': text('address that the kubernetes Service leads to; default: one of this host', '', {
      placeholder: 'ip',
    }),
    'cors-allowed-origins': list(
      "origins whose pages' scripts may read answers in a browser: regular expressions, each bound to both ends of a host as in //example.com(:|$)",
    ),
    'feature-gates': featureGates,
    'goaway-chance': float(
      'how likely a request of HTTP/2 is to end its connection, so that clients come back by way of whatever balances them: from 0 to 0.02',
      0,
    ),
    'external-hostname': text('a further name that clients may use'),
    'max-requests-inflight': whole(
      'reading requests at a time, with those that write the seats of priority and fairness; without that 0 sets no limit',
      { initial: 400 },
    ),
    'max-mutating-requests-inflight': whole('writing requests at a time; as --max-requests-inflight', { initial: 200 }),
    'min-request-timeout': whole('least seconds that a watch lasts which names no time', { initial: 1800 }),
    'request-timeout': duration('in which a request must have come in and been answered', '1m0s'),
    'shutdown-delay-duration': duration(
      'after it was asked to end, how long it serves as before; only /readyz says that it will go',
      '0s',
    ),
    'shutdown-send-retry-after': bool(
      'while answers in flight are finished, refuse new requests with 429 instead of new connections',
    ),
    'shutdown-watch-termination-grace-period': duration(
      'time in which watches are ended one after the other, so that their clients do not come back all at once; 0 ends all at once',
      '0s',
    ),
    'strict-transport-security-directives': list(
      'told to browsers with every answer: max-age=<seconds>, includeSubDomains, preload; default: nothing',
    ),
  },
  Etcd: {
    'encryption-provider-config': file('EncryptionConfiguration: what is encrypted in the event log, with which keys'),
    'encryption-provider-config-automatic-reload': bool(
      'follow --encryption-provider-config when the file changes, without a restart',
    ),
  },
  'Secure serving': {
    ...secureServingFlags(6443),
    'disable-http2-serving': bool('HTTP/1.1 alone, whatever --http2 says'),
    'http2-max-streams-per-connection': whole('requests at a time on one connection of HTTP/2; 0 stands for 100', {
      initial: 0,
    }),
  },
  Authentication: authenticationFlags,
  Authorization: authorizationFlags,
  Admission: admissionFlags,
  Auditing: auditFlags,
  Features: {
    'enable-priority-and-fairness': bool(
      'requests wait and come by FlowSchemas and PriorityLevelConfigurations; the two limits of requests in flight together are the seats that are shared',
      true,
    ),
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
    http2: bool('speak HTTP/2 to clients that ask for it (upstream: always); it costs more than HTTP/1.1 here'),
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
      names: `livez-grace-period emulated-version emulation-forward-compatible? min-compatibility-version runtime-config-emulation-forward-compatible?`,
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
      names: `default-watch-cache-size delete-collection-workers enable-garbage-collector? watch-cache? watch-cache-sizes`,
    },
    sharedIdle.sharing,
    sharedIdle.features,
    {
      section: 'Authentication',
      names: 'service-account-signing-endpoint',
      because: 'keys are files',
    },
    { section: 'Cloud provider', names: 'cloud-config cloud-provider cloud-provider-gce-l7lb-src-cidrs' },
    { section: 'API enablement', names: 'runtime-config' },
    { section: 'Egress selector', names: 'egress-selector-config-file' },
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
