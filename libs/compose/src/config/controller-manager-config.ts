import * as z from 'zod';
import type { ControllerManagerFlags } from '../flags/controller-manager-flags';
import { clientConnectionConfig, leaderElectionConfig } from './leader-election-config';
import { type ConfigKind, idleFields } from './read-config-file';
import { compact } from './scheduler-config';

const generic = z
  .strictObject({
    Address: z.string().optional(),
    Port: z.number().optional(),
    MinResyncPeriod: z.string().optional(),
    ClientConnection: clientConnectionConfig.optional(),
    ControllerStartInterval: z.string().optional(),
    LeaderElection: leaderElectionConfig.optional(),
    Controllers: z.array(z.string()).optional(),
    Debugging: z.unknown().optional(),
    LeaderMigrationEnabled: z.boolean().optional(),
    LeaderMigration: z.unknown().optional(),
  })
  .transform((c) => ({ ...c.LeaderElection, ...c.ClientConnection, controllers: c.Controllers }));

const tokenController = z
  .strictObject({
    ServiceAccountKeyFile: z.string().optional(),
    ConcurrentSATokenSyncs: z.number().optional(),
    RootCAFile: z.string().optional(),
  })
  .transform((c) => ({ 'service-account-private-key-file': c.ServiceAccountKeyFile, 'root-ca-file': c.RootCAFile }));

const schema = z
  .strictObject({ Generic: generic.optional(), SAController: tokenController.optional() })
  .transform((c): Partial<ControllerManagerFlags> => compact({ ...c.Generic, ...c.SAController }));

/** `KubeControllerManagerConfiguration` (upstream never made it stable), as values of the controller manager's flags. */
export const controllerManagerConfig: ConfigKind<Partial<ControllerManagerFlags>> = {
  apiVersion: 'kubecontrollermanager.config.k8s.io/v1alpha1',
  kind: 'KubeControllerManagerConfiguration',
  schema,
  idle: idleFields(`KubeCloudShared AttachDetachController CSRSigningController DaemonSetController DeploymentController
    StatefulSetController DeprecatedController EndpointController EndpointSliceController EndpointSliceMirroringController
    EphemeralVolumeController GarbageCollectorController HPAController JobController CronJobController
    LegacySATokenCleaner NamespaceController NodeIPAMController NodeLifecycleController PersistentVolumeBinderController
    PodGCController ReplicaSetController ReplicationController ResourceQuotaController ServiceController
    TTLAfterFinishedController ValidatingAdmissionPolicyStatusController DeviceTaintEvictionController`),
};
