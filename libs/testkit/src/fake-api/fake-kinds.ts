import { type ResourceRef, refs } from '@reckon/client/rest';

const more = (group: string, resource: string, kind: string, namespaced = true): ResourceRef => ({
  group,
  version: 'v1',
  resource,
  kind,
  namespaced,
});

/** What the fake serves unless a test says more. */
export const fakeKinds: readonly ResourceRef[] = [
  ...Object.values(refs),
  more('', 'replicationcontrollers', 'ReplicationController'),
  more('apps', 'daemonsets', 'DaemonSet'),
  { ...more('autoscaling', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'), version: 'v2' },
  more('certificates.k8s.io', 'certificatesigningrequests', 'CertificateSigningRequest', false),
  more('rbac.authorization.k8s.io', 'clusterrolebindings', 'ClusterRoleBinding', false),
  more('rbac.authorization.k8s.io', 'clusterroles', 'ClusterRole', false),
  more('rbac.authorization.k8s.io', 'rolebindings', 'RoleBinding'),
  more('rbac.authorization.k8s.io', 'roles', 'Role'),
];

/** Kinds whose status is written through `/status` only; a create of them drops what it says of status. */
export const kindsWithStatus: ReadonlySet<string> = new Set([
  'APIService',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'Job',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Pod',
  'PodDisruptionBudget',
  'ReplicaSet',
  'ReplicationController',
  'ResourceQuota',
  'Service',
  'ServiceCIDR',
  'StatefulSet',
  'ValidatingAdmissionPolicy',
]);

export const fakeVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
