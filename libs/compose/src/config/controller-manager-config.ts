import * as z from 'zod';
import type { ControllerManagerFlags } from '../flags/controller-manager-flags';
import { clientConnectionConfig, configDuration, leaderElectionConfig } from './leader-election-config';
import { type ConfigKind, idleFields } from './read-config-file';
import { compact } from './scheduler-config';

type FlagName = keyof ControllerManagerFlags;

/** A section whose fields are values of flags, each by the name of its flag. */
const section = <T extends Readonly<Record<string, readonly [FlagName, z.ZodType]>>>(fields: T) =>
  z
    .strictObject(Object.fromEntries(Object.entries(fields).map(([name, [, schema]]) => [name, schema.optional()])))
    .transform((values) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [fields[name]?.[0] ?? name, value])),
    )
    .optional();

const text = z.string();
const bool = z.boolean();
const count = z.number().int().min(0);
const some = z.number().int().min(1);
const rate = z.number().min(0);

const generic = z
  .strictObject({
    ClientConnection: clientConnectionConfig.optional(),
    LeaderElection: leaderElectionConfig.optional(),
    Controllers: z.array(z.string()).optional(),
  })
  .transform((c) => ({ ...c.LeaderElection, ...c.ClientConnection, controllers: c.Controllers }));

const signer = (name: 'kubelet-serving' | 'kubelet-client' | 'kube-apiserver-client' | 'legacy-unknown') =>
  section({
    CertFile: [`cluster-signing-${name}-cert-file`, text],
    KeyFile: [`cluster-signing-${name}-key-file`, text],
  });

const signing = z
  .strictObject({
    ClusterSigningCertFile: z.string().optional(),
    ClusterSigningKeyFile: z.string().optional(),
    KubeletServingSignerConfiguration: signer('kubelet-serving'),
    KubeletClientSignerConfiguration: signer('kubelet-client'),
    KubeAPIServerClientSignerConfiguration: signer('kube-apiserver-client'),
    LegacyUnknownSignerConfiguration: signer('legacy-unknown'),
    ClusterSigningDuration: configDuration.optional(),
  })
  .transform((c) => ({
    'cluster-signing-cert-file': c.ClusterSigningCertFile,
    'cluster-signing-key-file': c.ClusterSigningKeyFile,
    'cluster-signing-duration': c.ClusterSigningDuration,
    ...c.KubeletServingSignerConfiguration,
    ...c.KubeletClientSignerConfiguration,
    ...c.KubeAPIServerClientSignerConfiguration,
    ...c.LegacyUnknownSignerConfiguration,
  }));

const schema = z
  .strictObject({
    Generic: generic.optional(),
    KubeCloudShared: section({
      UseServiceAccountCredentials: ['use-service-account-credentials', bool],
      NodeMonitorPeriod: ['node-monitor-period', configDuration],
    }),
    CSRSigningController: signing.optional(),
    EndpointSliceMirroringController: section({
      MirroringConcurrentServiceEndpointSyncs: ['mirroring-concurrent-service-endpoint-syncs', some.max(50)],
      MirroringMaxEndpointsPerSubset: ['mirroring-max-endpoints-per-subset', some.max(1_000)],
      MirroringEndpointUpdatesBatchPeriod: ['mirroring-endpointslice-updates-batch-period', configDuration],
    }),
    GarbageCollectorController: section({ EnableGarbageCollector: ['enable-garbage-collector', bool] }),
    HPAController: section({
      ConcurrentHorizontalPodAutoscalerSyncs: ['concurrent-horizontal-pod-autoscaler-syncs', some],
      HorizontalPodAutoscalerSyncPeriod: ['horizontal-pod-autoscaler-sync-period', configDuration],
      HorizontalPodAutoscalerDownscaleStabilizationWindow: [
        'horizontal-pod-autoscaler-downscale-stabilization',
        configDuration,
      ],
      HorizontalPodAutoscalerTolerance: ['horizontal-pod-autoscaler-tolerance', rate],
      HorizontalPodAutoscalerCPUInitializationPeriod: [
        'horizontal-pod-autoscaler-cpu-initialization-period',
        configDuration,
      ],
      HorizontalPodAutoscalerInitialReadinessDelay: [
        'horizontal-pod-autoscaler-initial-readiness-delay',
        configDuration,
      ],
    }),
    NodeLifecycleController: section({
      NodeEvictionRate: ['node-eviction-rate', rate],
      SecondaryNodeEvictionRate: ['secondary-node-eviction-rate', rate],
      NodeStartupGracePeriod: ['node-startup-grace-period', configDuration],
      NodeMonitorGracePeriod: ['node-monitor-grace-period', configDuration],
      LargeClusterSizeThreshold: ['large-cluster-size-threshold', count],
      UnhealthyZoneThreshold: ['unhealthy-zone-threshold', rate],
    }),
    PodGCController: section({ TerminatedPodGCThreshold: ['terminated-pod-gc-threshold', count] }),
    LegacySATokenCleaner: section({ CleanUpPeriod: ['legacy-service-account-token-clean-up-period', configDuration] }),
    SAController: section({
      ServiceAccountKeyFile: ['service-account-private-key-file', text],
      RootCAFile: ['root-ca-file', text],
    }),
  })
  .transform((c): Partial<ControllerManagerFlags> =>
    compact<Partial<ControllerManagerFlags>>(Object.assign({}, ...Object.values(c)) as Partial<ControllerManagerFlags>),
  );

const without = (sectionName: string, names: string): ReadonlyMap<string, string> =>
  idleFields((names.match(/\S+/g) ?? []).map((name) => `${sectionName}.${name}`).join(' '));

/** `KubeControllerManagerConfiguration` (upstream never made it stable), as values of the controller manager's flags. */
export const controllerManagerConfig: ConfigKind<Partial<ControllerManagerFlags>> = {
  apiVersion: 'kubecontrollermanager.config.k8s.io/v1alpha1',
  kind: 'KubeControllerManagerConfiguration',
  schema,
  idle: new Map([
    ...without(
      'Generic',
      'Address Port MinResyncPeriod ControllerStartInterval Debugging LeaderMigrationEnabled LeaderMigration',
    ),
    ...without(
      'KubeCloudShared',
      `CloudProvider ExternalCloudVolumePlugin AllowUntaggedCloud RouteReconciliationPeriod ClusterName ClusterCIDR
      AllocateNodeCIDRs CIDRAllocatorType ConfigureCloudRoutes NodeSyncPeriod`,
    ),
    ...without('GarbageCollectorController', 'ConcurrentGCSyncs GCIgnoredResources'),
    ...without('NodeLifecycleController', 'PodEvictionTimeout'),
    ...without('SAController', 'ConcurrentSATokenSyncs'),
    ...idleFields(`AttachDetachController DaemonSetController DeploymentController StatefulSetController DeprecatedController
      EndpointController EndpointSliceController EphemeralVolumeController JobController CronJobController
      NamespaceController NodeIPAMController PersistentVolumeBinderController
      ReplicaSetController ReplicationController ResourceClaimController ResourceQuotaController ServiceController
      TTLAfterFinishedController ValidatingAdmissionPolicyStatusController DeviceTaintEvictionController`),
  ]),
};
