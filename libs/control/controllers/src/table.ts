import { clusterRoleAggregation } from './cluster-role-aggregation/cluster-role-aggregation';
import type { ControllerRow } from './controller-context';
import { deploymentController } from './deployment/deployment-controller';
import { endpointSliceController } from './endpoint-slice/endpoint-slice-controller';
import { endpointsController } from './endpoints/endpoints-controller';
import { garbageCollector } from './garbage-collector/garbage-collector';
import { namespaceController } from './namespace/namespace-controller';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller';
import { podGarbageCollector } from './pod-garbage-collector/pod-garbage-collector';
import { replicaSetController } from './replica-set/replica-set-controller';
import { replicationController } from './replication-controller/replication-controller';
import { rootCaPublisher } from './root-ca-publisher/root-ca-publisher';
import { serviceAccountController } from './service-account/service-account-controller';
import { serviceAccountTokenController } from './service-account-token/service-account-token-controller';
import { taintEvictionController } from './taint-eviction/taint-eviction-controller';
import { ttlController } from './ttl/ttl-controller';
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
  replicationController,
  podGarbageCollector,
  namespaceController,
  garbageCollector,
  deploymentController,
  replicaSetController,
  clusterRoleAggregation,
  persistentVolumeClaimProtection,
  persistentVolumeProtection,
  volumeAttributesClassProtection,
  ttlController,
  nodeLifecycleController,
  taintEvictionController,
];
