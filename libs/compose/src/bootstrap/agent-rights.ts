import { kubeletUser } from '../agent-identities';
import type { SystemObject } from './system-objects';

const apiGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${apiGroup}/v1`;

/** What the bootstrap policy leaves to upstream's Node authorizer: the rights of a kubelet, here those of the embedded one. */
export const agentRights: readonly SystemObject[] = [
  binding('reckon:kubelet', 'system:node', { kind: 'User', apiGroup, name: kubeletUser }),
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
