import { readFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@reckon/kernel';
import { issue } from '@reckon/pki';
import { openClient } from './load/client';
import type { Target } from './target';

const name = 'bench';
const binding = {
  kind: 'ClusterRoleBinding',
  apiVersion: 'rbac.authorization.k8s.io/v1',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
};

/**
 * The same server for a user in no group, bound to cluster-admin: RBAC decides each of its requests, and each takes a seat. Those of
 * system:masters pass both.
 */
export async function asRbacUser(target: Target, dataDir: string): Promise<Target> {
  const read = (file: string): string => readFileSync(path.join(dataDir, 'pki', file), 'utf8');
  const authority = { certPem: read('ca.crt'), keyPem: read('ca.key') };
  const user = issue(authority, { commonName: name, usages: ['client'], clock: systemClock });
  const admin = openClient(target);
  try {
    const { status, body } = await admin.request(
      'POST',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      Buffer.from(JSON.stringify(binding)),
    );
    if (status !== 201) throw new Error(`the user of the bench was not bound: ${String(status)} ${body.toString()}`);
  } finally {
    admin.close();
  }
  return { ...target, cert: user.certPem, key: user.keyPem };
}
