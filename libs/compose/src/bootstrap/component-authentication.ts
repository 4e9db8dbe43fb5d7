import type { FrontProxyFiles } from '../read-authentication';
import type { SystemObject } from './system-objects';

/**
 * What other components know clients by: the authorities of client certificates, and by which headers and certificates a front proxy
 * says who the user is (pkg/controlplane/controller/clusterauthenticationtrust).
 */
export const componentAuthentication = (
  clientCaPem: string,
  frontProxy: FrontProxyFiles | undefined,
): SystemObject => ({
  group: '',
  resource: 'configmaps',
  owned: [['data']],
  object: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { 'client-ca-file': clientCaPem, ...(frontProxy === undefined ? {} : published(frontProxy)) },
  },
});

function published({ caPem, allowedNames, headers }: FrontProxyFiles): Record<string, string> {
  const { username, uid, group, extraPrefix } = headers;
  return {
    'requestheader-allowed-names': JSON.stringify(allowedNames),
    'requestheader-client-ca-file': caPem,
    'requestheader-extra-headers-prefix': JSON.stringify(extraPrefix),
    'requestheader-group-headers': JSON.stringify(group),
    ...(uid.length === 0 ? {} : { 'requestheader-uid-headers': JSON.stringify(uid) }),
    'requestheader-username-headers': JSON.stringify(username),
  };
}
