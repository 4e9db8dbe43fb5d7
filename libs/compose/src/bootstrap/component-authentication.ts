import type { SystemObject } from './system-objects';

/**
 * What other components know clients by: the authorities of client certificates
 * (pkg/controlplane/controller/clusterauthenticationtrust).
 */
export const componentAuthentication = (clientCaPem: string): SystemObject => ({
  group: '',
  resource: 'configmaps',
  owned: [['data']],
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { 'client-ca-file': clientCaPem },
  },
});
