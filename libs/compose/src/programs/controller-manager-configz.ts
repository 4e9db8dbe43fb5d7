import { durationText } from '@reckon/api/machinery';
import type { RequestRate } from '@reckon/client/rest';
import type { ControllerManagerFlags } from '../flags/controller-manager-flags';
import { clientConnectionOf, leaderElectionOf } from './configz';

/** What the flags and the file together come to, as `KubeControllerManagerConfiguration` has it: sections that have an effect. */
export const controllerManagerConfigz = (
  flags: ControllerManagerFlags,
  requestRate: RequestRate | undefined,
): object => ({
  Generic: {
    Controllers: flags.controllers,
    LeaderElection: leaderElectionOf(flags),
    ClientConnection: clientConnectionOf(flags, requestRate),
  },
  KubeCloudShared: {
    UseServiceAccountCredentials: flags['use-service-account-credentials'],
    NodeMonitorPeriod: durationText(flags['node-monitor-period']),
  },
  CSRSigningController: {
    ClusterSigningCertFile: flags['cluster-signing-cert-file'],
    ClusterSigningKeyFile: flags['cluster-signing-key-file'],
    ClusterSigningDuration: durationText(flags['cluster-signing-duration']),
  },
  EndpointSliceMirroringController: {
    MirroringConcurrentServiceEndpointSyncs: flags['mirroring-concurrent-service-endpoint-syncs'],
    MirroringMaxEndpointsPerSubset: flags['mirroring-max-endpoints-per-subset'],
    MirroringEndpointUpdatesBatchPeriod: durationText(flags['mirroring-endpointslice-updates-batch-period']),
  },
  GarbageCollectorController: { EnableGarbageCollector: flags['enable-garbage-collector'] },
  HPAController: {
    ConcurrentHorizontalPodAutoscalerSyncs: flags['concurrent-horizontal-pod-autoscaler-syncs'],
    HorizontalPodAutoscalerSyncPeriod: durationText(flags['horizontal-pod-autoscaler-sync-period']),
    HorizontalPodAutoscalerDownscaleStabilizationWindow: durationText(
      flags['horizontal-pod-autoscaler-downscale-stabilization'],
    ),
    HorizontalPodAutoscalerTolerance: flags['horizontal-pod-autoscaler-tolerance'],
    HorizontalPodAutoscalerCPUInitializationPeriod: durationText(
      flags['horizontal-pod-autoscaler-cpu-initialization-period'],
    ),
    HorizontalPodAutoscalerInitialReadinessDelay: durationText(
      flags['horizontal-pod-autoscaler-initial-readiness-delay'],
    ),
  },
  NodeLifecycleController: {
    NodeEvictionRate: flags['node-eviction-rate'],
    SecondaryNodeEvictionRate: flags['secondary-node-eviction-rate'],
    NodeStartupGracePeriod: durationText(flags['node-startup-grace-period']),
    NodeMonitorGracePeriod: durationText(flags['node-monitor-grace-period']),
    LargeClusterSizeThreshold: flags['large-cluster-size-threshold'],
    UnhealthyZoneThreshold: flags['unhealthy-zone-threshold'],
  },
  PodGCController: { TerminatedPodGCThreshold: flags['terminated-pod-gc-threshold'] },
  LegacySATokenCleaner: { CleanUpPeriod: durationText(flags['legacy-service-account-token-clean-up-period']) },
  SAController: {
    ServiceAccountKeyFile: flags['service-account-private-key-file'],
    RootCAFile: flags['root-ca-file'],
  },
});
