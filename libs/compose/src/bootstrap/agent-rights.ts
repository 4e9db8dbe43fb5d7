import { kubeletUser } from '../agent-identities';
import type { SystemObject } from './system-objects';

const apiGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${apiGroup}/v1`;

/**
 * Rights of embedded agents that the bootstrap policy does not give: the kubelet's (upstream's Node authorizer gives them per node),
 * and those of the controller that lets Events expire (upstream's storage does it).
 */
export const agentRights: readonly SystemObject[] = [
  binding('reckon:kubelet', 'system:node', { kind: 'User', apiGroup, name: kubeletUser }),
  {
    group: apiGroup,
    resource: 'clusterroles',
    object: {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: 'reckon:event-ttl' },
      rules: [{ apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['get', 'list', 'watch', 'delete'] }],
    },
  },
  binding('reckon:event-ttl', 'reckon:event-ttl', { kind: 'ServiceAccount', name: 'event-ttl', namespace: 'kube-system' }),
];

function binding(name: string, role: string, subject: Readonly<Record<string, string>>): SystemObject {
  return {
    group: apiGroup,
    resource: 'clusterrolebindings',
    object: {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup, kind: 'ClusterRole', name: role },
      subjects: [subject],
    },
  };
}
