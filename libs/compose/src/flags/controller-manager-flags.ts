import { autoscalerFlags } from './autoscaler-flags';
import { csrSigningFlags } from './csr-signing-flags';
import { featureGates } from './feature-gates';
import { bool, choice, duration, file, list, whole } from './flag';
import { mirroringFlags } from './mirroring-flags';
import { nodeLifecycleFlags } from './node-lifecycle-flags';
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
  Generic: {
    controllers: list(
      "controllers to run: '*' all that run by default, 'name' that one, '-name' not that one; bootstrap-signer-controller and token-cleaner-controller run only where they are named",
      ['*'],
    ),
    'use-service-account-credentials': bool(
      'give each controller the rights of its own service account (upstream: false, which RBAC leaves without the rights they need)',
      true,
    ),
    ...leaderElectionFlags('kube-controller-manager'),
    'feature-gates': featureGates,
    ...requestRateFlags({ qps: 20, burst: 30 }),
    'node-monitor-period': duration('how long a node must be seen unready before its pods are at stake', '5s'),
  },
  'Csrsigning controller': csrSigningFlags,
  'Endpointslicemirroring controller': mirroringFlags,
  'Horizontalpodautoscaling controller': autoscalerFlags,
  'Nodelifecycle controller': nodeLifecycleFlags,
  'Garbagecollector controller': {
    'enable-garbage-collector': bool('remove objects whose owners are gone', true),
  },
  'Podgc controller': {
    'terminated-pod-gc-threshold': whole('pods that have ended are kept up to this number; 0 sets no limit', {
      initial: 12_500,
    }),
  },
  'Legacy service account token cleaner': {
    'legacy-service-account-token-clean-up-period': duration(
      'a token in a Secret that a controller made is retired when nobody has used it for so long, and deleted as long after that',
      '8760h0m0s',
    ),
  },
  'Serviceaccount controller': {
    'root-ca-file': file("what pods trust the apiserver by; default: the kubeconfig's"),
    'service-account-private-key-file': file('key that signs the tokens of Secrets; without it there are none'),
    'service-account-token-secrets': choice(
      'token Secrets: for every account, or only for Secrets someone creates',
      ['always', 'on-request'] as const,
      'always',
    ),
  },
  'Secure serving': secureServingFlags(10_257),
  Authentication: delegatedAuthenticationFlags,
  Authorization: delegatedAuthorizationFlags,
  Logs: logFlags,
  Misc: { config: file('a KubeControllerManagerConfiguration, v1alpha1; flags win over it'), ...clientFlags },
  Global: globalFlags,
};

export const controllerManagerFlags: FlagTable<typeof sections> = {
  program: 'kube-controller-manager',
  about: 'The controller manager: makes what is of what should be, through any Kubernetes apiserver.',
  sections,
  idle: [
    { section: 'Debugging', names: sharedIdle.features.names },
    { section: 'Leader Migration', names: 'enable-leader-migration? leader-migration-config' },
    {
      section: 'Generic',
      names: `allocate-node-cidrs? cidr-allocator-type cloud-config cloud-provider cluster-cidr cluster-name
        configure-cloud-routes? controller-start-interval external-cloud-volume-plugin kube-api-content-type
        min-resync-period route-reconciliation-period
        controller-shutdown-timeout ${sharedIdle.gates.names}`,
    },
    {
      section: 'Attachdetach controller',
      names: `attach-detach-reconcile-sync-period disable-attach-detach-reconcile-sync? disable-force-detach-on-timeout?`,
    },
    { section: 'Cronjob controller', names: 'concurrent-cron-job-syncs' },
    { section: 'Daemonset controller', names: 'concurrent-daemonset-syncs' },
    { section: 'Deployment controller', names: 'concurrent-deployment-syncs' },
    { section: 'Deprecated', names: 'deployment-controller-sync-period enable-taint-manager? pod-eviction-timeout' },
    {
      section: 'Device taint eviction controller',
      names: 'concurrent-device-taint-eviction-syncs',
    },
    { section: 'Endpoint controller', names: 'concurrent-endpoint-syncs endpoint-updates-batch-period' },
    {
      section: 'Endpointslice controller',
      names: 'concurrent-service-endpoint-syncs endpointslice-updates-batch-period max-endpoints-per-slice',
    },
    { section: 'Ephemeralvolume controller', names: 'concurrent-ephemeralvolume-syncs' },
    { section: 'Garbagecollector controller', names: 'concurrent-gc-syncs' },
    {
      section: 'Horizontalpodautoscaling controller',
      names: 'horizontal-pod-autoscaler-downscale-delay horizontal-pod-autoscaler-upscale-delay',
    },
    { section: 'Job controller', names: 'concurrent-job-syncs' },
    { section: 'Namespace controller', names: 'concurrent-namespace-syncs namespace-sync-period' },
    {
      section: 'Nodeipam controller',
      names: 'node-cidr-mask-size node-cidr-mask-size-ipv4 node-cidr-mask-size-ipv6 service-cluster-ip-range',
    },
    {
      section: 'Persistentvolume-binder controller',
      names: `enable-dynamic-provisioning? enable-hostpath-provisioner? flex-volume-plugin-dir
        pv-recycler-increment-timeout-nfs pv-recycler-minimum-timeout-hostpath pv-recycler-minimum-timeout-nfs
        pv-recycler-pod-template-filepath-hostpath pv-recycler-pod-template-filepath-nfs
        pv-recycler-timeout-increment-hostpath pvclaimbinder-sync-period volume-host-allow-local-loopback? volume-host-cidr-denylist`,
    },
    { section: 'Replicaset controller', names: 'concurrent-replicaset-syncs' },
    { section: 'Replicationcontroller', names: 'concurrent-rc-syncs' },
    { section: 'Service controller', names: 'concurrent-service-syncs' },
    { section: 'Resourceclaim controller', names: 'concurrent-resource-claim-syncs' },
    { section: 'Resourcequota controller', names: 'concurrent-resource-quota-syncs resource-quota-sync-period' },
    { section: 'Serviceaccount controller', names: 'concurrent-serviceaccount-token-syncs' },
    { section: 'Statefulset controller', names: 'concurrent-statefulset-syncs' },
    { section: 'Ttl-after-finished controller', names: 'concurrent-ttl-after-finished-syncs' },
    {
      section: 'Validatingadmissionpolicy status controller',
      names: 'concurrent-validating-admission-policy-status-syncs',
    },
    sharedIdle.http2,
    sharedIdle.sharing,
    sharedIdle.delegatedAuthentication,
    sharedIdle.metrics,
    sharedIdle.logs,
    { section: 'Misc', names: 'address port' },
  ],
};

export type ControllerManagerFlags = FlagValues<typeof sections>;
