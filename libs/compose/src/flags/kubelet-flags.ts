import { featureGates } from './feature-gates';
import { bool, choice, duration, file, list, map, port, text, whole } from './flag';
import type { FlagTable, FlagValues } from './flag-table';
import { clientFlags, globalFlags, logFlags, requestRateFlags, sharedIdle, tlsFlags } from './shared-flags';

const sections = {
  Node: {
    'hostname-override': text('name of the node; default: this host’s name'),
    'max-pods': whole('pods that fit on a node', { initial: 110 }),
    'node-ip': text('address of the node; default: one of this host', '', { placeholder: 'ip' }),
    'node-labels': map('further labels of the node when it registers'),
    'provider-id': text('what a cloud would call the node'),
    'register-node': bool('make the Node; otherwise wait until somebody does', true),
    'register-schedulable': bool('register the node as one that takes pods', true),
    ...requestRateFlags({ qps: 50, burst: 100 }),
    'register-with-taints': list('taints of the node when it registers: key=value:effect'),
  },
  Fleet: {
    nodes: whole('nodes that this process simulates; more than one are named by --node-name-prefix', {
      initial: 1,
      most: 5_000,
    }),
    'node-name-prefix': text('nodes are <prefix>-0, <prefix>-1, …; default: --hostname-override'),
    'node-addresses': choice(
      'host: nodes have --node-ip, so that the apiserver reaches this process; simulated: each has one of its own that nobody reaches',
      ['host', 'simulated'] as const,
      'host',
    ),
    'pod-stages': file('stages that say how simulated pods live, in YAML or JSON'),
  },
  'Secure serving': {
    address: text('address to listen on', '0.0.0.0', { placeholder: 'ip' }),
    port: port('HTTPS port that the apiserver asks for logs; 0 takes a free one', 10_250),
    'healthz-bind-address': text('address of the plain HTTP server of /healthz', '127.0.0.1', { placeholder: 'ip' }),
    'healthz-port': port('port of the plain HTTP server of /healthz; 0 starts none', 10_248),
    'cert-dir': text(
      'folder with kubelet.crt and kubelet.key, used when no certificate is named and they are there',
      '/var/lib/kubelet/pki',
    ),
    'tls-cert-file': file('certificate (and its chain) of the HTTPS server; without one it is made at the start'),
    'tls-private-key-file': file('key of --tls-cert-file'),
    'rotate-server-certificates': bool(
      'ask the cluster for the certificate of the HTTPS server (kubernetes.io/kubelet-serving; somebody must approve it), and for the next before it ends',
    ),
    ...tlsFlags,
  },
  Authentication: {
    'anonymous-auth': bool('let requests without credentials in as system:anonymous (upstream: true)'),
    'authentication-token-webhook': bool('let the apiserver review bearer tokens (upstream: false)', true),
    'authentication-token-webhook-cache-ttl': duration('how long a reviewed token is remembered', '2m0s'),
    'client-ca-file': file(
      'who shows a client certificate of these authorities is who it names; default: the authority of the kubeconfig',
    ),
  },
  Authorization: {
    'authorization-mode': choice(
      'who decides: everybody may (AlwaysAllow, upstream’s default), or the apiserver is asked (Webhook)',
      ['AlwaysAllow', 'Webhook'] as const,
      'Webhook',
    ),
    'authorization-webhook-cache-authorized-ttl': duration('how long a yes is remembered', '5m0s'),
    'authorization-webhook-cache-unauthorized-ttl': duration('how long a no is remembered', '30s'),
  },
  Logs: logFlags,
  'Feature gate': { 'feature-gates': featureGates },
  Misc: {
    config: file('a KubeletConfiguration, v1beta1; flags win over it'),
    'config-dir': text(
      'folder whose *.conf files, by name, say more: each a KubeletConfiguration that wins over --config',
    ),
    kubeconfig: clientFlags.kubeconfig,
    'bootstrap-kubeconfig': file(
      'who may ask for a client certificate: used where --kubeconfig names no file yet, which is then written',
    ),
    'rotate-certificates': bool('ask for the next client certificate before the one in use ends'),
  },
  Global: globalFlags,
};

export const kubeletFlags: FlagTable<typeof sections> = {
  program: 'kubelet',
  about: 'The kubelet: nodes that simulate the life of their pods, through any Kubernetes apiserver.',
  sections,
  idle: [
    {
      section: 'Containers',
      names: `allowed-unsafe-sysctls application-metrics-count-limit boot-id-file cgroup-driver cgroup-root cgroups-per-qos?
        container-hints container-log-max-files container-log-max-size container-runtime container-runtime-endpoint containerd
        containerd-namespace cpu-cfs-quota? cpu-cfs-quota-period cpu-manager-policy cpu-manager-policy-options
        cpu-manager-reconcile-period enforce-node-allocatable eviction-hard eviction-max-pod-grace-period
        eviction-minimum-reclaim eviction-pressure-transition-period eviction-soft eviction-soft-grace-period
        fail-swap-on? fail-cgroupv1? global-housekeeping-interval hairpin-mode housekeeping-interval
        image-credential-provider-bin-dir image-credential-provider-config image-gc-high-threshold image-gc-low-threshold
        image-service-endpoint kernel-memcg-notification? kube-reserved kube-reserved-cgroup kubelet-cgroups
        local-storage-capacity-isolation? machine-id-file make-iptables-util-chains? iptables-drop-bit
        iptables-masquerade-bit max-open-files maximum-dead-containers maximum-dead-containers-per-container
        memory-manager-policy minimum-container-ttl-duration minimum-image-ttl-duration network-plugin
        node-status-max-images oom-score-adj pod-infra-container-image pod-max-pids pods-per-core
        protect-kernel-defaults? qos-reserved registry-burst registry-qps reserved-cpus reserved-memory resolv-conf
        runtime-cgroups runtime-request-timeout seccomp-default? serialize-image-pulls? max-parallel-image-pulls
        system-cgroups system-reserved system-reserved-cgroup topology-manager-policy topology-manager-policy-options
        topology-manager-scope volume-plugin-dir volume-stats-agg-period enable-controller-attach-detach?
        enable-load-reader? event-storage-age-limit event-storage-event-limit storage-driver-buffer-duration
        storage-driver-db storage-driver-host storage-driver-password storage-driver-secure? storage-driver-table
        storage-driver-user experimental-allocatable-ignore-eviction? experimental-mounter-path cni-bin-dir cni-conf-dir`,
      because: 'there are no containers: pods are simulated',
    },
    {
      section: 'Node',
      names: `cloud-config cloud-provider cluster-dns cluster-domain enable-server?
        enable-debugging-handlers? event-burst event-qps file-check-frequency http-check-frequency keep-terminated-pod-volumes?
        kube-api-content-type lock-file exit-on-lock-contention? log-cadvisor-usage?
        manifest-url manifest-url-header node-status-update-frequency pod-cidr pod-manifest-path read-only-port root-dir
        runonce? static-pod-path streaming-connection-idle-timeout
        sync-frequency nodes-lease-duration-seconds shutdown-grace-period shutdown-grace-period-critical-pods`,
    },
    { section: 'Secure serving', names: 'tls-curve-preferences' },
    { section: 'Debugging', names: sharedIdle.features.names },
    sharedIdle.logs,
  ],
};

export type KubeletFlags = FlagValues<typeof sections>;
