import { apiVersionOf } from '@reckon/api/machinery';

/** Which collection of the API: what a client must know to address it. */
export interface ResourceRef {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** `/api/v1/namespaces/default/pods/web/status`; namespace '' of a namespaced resource means all namespaces. */
export function resourcePath(ref: ResourceRef, namespace: string, name = '', subresource = ''): string {
  let path = ref.group === '' ? `/api/${ref.version}` : `/apis/${apiVersionOf(ref)}`;
  if (ref.namespaced && namespace !== '') path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${ref.resource}`;
  if (name !== '') path += `/${encodeURIComponent(name)}`;
  if (subresource !== '') path += `/${subresource}`;
  return path;
}

const core = (resource: string, kind: string, namespaced = true): ResourceRef => ({
  group: '',
  version: 'v1',
  resource,
  kind,
  namespaced,
});
const inGroup = (group: string, resource: string, kind: string, namespaced = true): ResourceRef => ({
  group,
  version: 'v1',
  resource,
  kind,
  namespaced,
});

/** The built-in collections that Reckon's own agents use. */
export const refs = {
  configMaps: core('configmaps', 'ConfigMap'),
  endpoints: core('endpoints', 'Endpoints'),
  events: core('events', 'Event'),
  limitRanges: core('limitranges', 'LimitRange'),
  namespaces: core('namespaces', 'Namespace', false),
  nodes: core('nodes', 'Node', false),
  persistentVolumeClaims: core('persistentvolumeclaims', 'PersistentVolumeClaim'),
  persistentVolumes: core('persistentvolumes', 'PersistentVolume', false),
  pods: core('pods', 'Pod'),
  replicationControllers: core('replicationcontrollers', 'ReplicationController'),
  resourceQuotas: core('resourcequotas', 'ResourceQuota'),
  secrets: core('secrets', 'Secret'),
  serviceAccounts: core('serviceaccounts', 'ServiceAccount'),
  services: core('services', 'Service'),
  controllerRevisions: inGroup('apps', 'controllerrevisions', 'ControllerRevision'),
  daemonSets: inGroup('apps', 'daemonsets', 'DaemonSet'),
  deployments: inGroup('apps', 'deployments', 'Deployment'),
  replicaSets: inGroup('apps', 'replicasets', 'ReplicaSet'),
  statefulSets: inGroup('apps', 'statefulsets', 'StatefulSet'),
  cronJobs: inGroup('batch', 'cronjobs', 'CronJob'),
  jobs: inGroup('batch', 'jobs', 'Job'),
  leases: inGroup('coordination.k8s.io', 'leases', 'Lease'),
  /** The same objects as `events`, in their newer form. */
  eventsV1: inGroup('events.k8s.io', 'events', 'Event'),
  apiServices: inGroup('apiregistration.k8s.io', 'apiservices', 'APIService', false),
  ipAddresses: inGroup('networking.k8s.io', 'ipaddresses', 'IPAddress', false),
  podDisruptionBudgets: inGroup('policy', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  serviceCidrs: inGroup('networking.k8s.io', 'servicecidrs', 'ServiceCIDR', false),
  validatingAdmissionPolicies: inGroup(
    'admissionregistration.k8s.io',
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
    false,
  ),
  endpointSlices: inGroup('discovery.k8s.io', 'endpointslices', 'EndpointSlice'),
  deviceClasses: inGroup('resource.k8s.io', 'deviceclasses', 'DeviceClass', false),
  resourceClaims: inGroup('resource.k8s.io', 'resourceclaims', 'ResourceClaim'),
  resourceClaimTemplates: inGroup('resource.k8s.io', 'resourceclaimtemplates', 'ResourceClaimTemplate'),
  resourceSlices: inGroup('resource.k8s.io', 'resourceslices', 'ResourceSlice', false),
  clusterRoles: inGroup('rbac.authorization.k8s.io', 'clusterroles', 'ClusterRole', false),
  priorityClasses: inGroup('scheduling.k8s.io', 'priorityclasses', 'PriorityClass', false),
  csiDrivers: inGroup('storage.k8s.io', 'csidrivers', 'CSIDriver', false),
  csiNodes: inGroup('storage.k8s.io', 'csinodes', 'CSINode', false),
  csiStorageCapacities: inGroup('storage.k8s.io', 'csistoragecapacities', 'CSIStorageCapacity'),
  storageClasses: inGroup('storage.k8s.io', 'storageclasses', 'StorageClass', false),
  volumeAttachments: inGroup('storage.k8s.io', 'volumeattachments', 'VolumeAttachment', false),
  volumeAttributesClasses: inGroup('storage.k8s.io', 'volumeattributesclasses', 'VolumeAttributesClass', false),
} as const satisfies Record<string, ResourceRef>;
