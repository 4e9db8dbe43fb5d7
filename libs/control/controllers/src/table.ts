import { bootstrapSignerController } from './bootstrap-signer/bootstrap-signer-controller';
import { tokenCleanerController } from './bootstrap-signer/token-cleaner-controller';
import { certificateApprovingController } from './certificates/approving-controller';
import { certificateCleanerController } from './certificates/cleaner-controller';
import { certificateSigningController } from './certificates/signing-controller';
import { clusterRoleAggregation } from './cluster-role-aggregation/cluster-role-aggregation';
import type { ControllerRow } from './controller-context';
import { cronJobController } from './cron-job/cron-job-controller';
import { daemonSetController } from './daemon-set/daemon-set-controller';
import { deploymentController } from './deployment/deployment-controller';
import { disruptionController } from './disruption/disruption-controller';
import { endpointSliceController } from './endpoint-slice/endpoint-slice-controller';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/endpoint-slice-mirroring-controller';
import { endpointsController } from './endpoints/endpoints-controller';
import { garbageCollector } from './garbage-collector/garbage-collector';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler/horizontal-pod-autoscaler-controller';
import { jobController } from './job/job-controller';
import { namespaceController } from './namespace/namespace-controller';
import { legacyServiceAccountTokenCleaner } from './legacy-service-account-token-cleaner/legacy-service-account-token-cleaner';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller';
import { persistentVolumeBinder } from './persistent-volume-binder/persistent-volume-binder';
import { podGarbageCollector } from './pod-garbage-collector/pod-garbage-collector';
import { replicaSetController } from './replica-set/replica-set-controller';
import { replicationController } from './replication-controller/replication-controller';
import { resourceClaimController } from './resource-claim/resource-claim-controller';
import { resourceQuotaController } from './resource-quota/resource-quota-controller';
import { rootCaPublisher } from './root-ca-publisher/root-ca-publisher';
import { serviceAccountController } from './service-account/service-account-controller';
import { serviceAccountTokenController } from './service-account-token/service-account-token-controller';
import { serviceCidrsController } from './service-cidrs/service-cidrs-controller';
import { statefulSetController } from './stateful-set/stateful-set-controller';
import { taintEvictionController } from './taint-eviction/taint-eviction-controller';
import { ttlAfterFinishedController } from './ttl-after-finished/ttl-after-finished-controller';
import { ttlController } from './ttl/ttl-controller';
import { validatingAdmissionPolicyStatus } from './validating-admission-policy-status/validating-admission-policy-status';
import { persistentVolumeClaimProtection } from './volume-protection/persistent-volume-claim-protection';
import { persistentVolumeProtection } from './volume-protection/persistent-volume-protection';
import { volumeAttributesClassProtection } from './volume-protection/volume-attributes-class-protection';

/** Every controller, in upstream's order of starting (cmd/kube-controller-manager/app `ControllersDescriptors`). */
export const controllerTable: readonly ControllerRow[] = [
  serviceAccountTokenController,
  serviceAccountController,
  rootCaPublisher,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  replicationController,
  podGarbageCollector,
  resourceQuotaController,
  namespaceController,
  garbageCollector,
  daemonSetController,
  jobController,
  deploymentController,
  replicaSetController,
  horizontalPodAutoscalerController,
  disruptionController,
  statefulSetController,
  cronJobController,
  certificateSigningController,
  certificateApprovingController,
  certificateCleanerController,
  bootstrapSignerController,
  tokenCleanerController,
  persistentVolumeBinder,
  clusterRoleAggregation,
  persistentVolumeClaimProtection,
  persistentVolumeProtection,
  volumeAttributesClassProtection,
  ttlAfterFinishedController,
  ttlController,
  nodeLifecycleController,
  resourceClaimController,
  legacyServiceAccountTokenCleaner,
  validatingAdmissionPolicyStatus,
  taintEvictionController,
  serviceCidrsController,
];
