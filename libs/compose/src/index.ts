export { checkDataDirectory } from './check-data-directory';
export { startCluster, type Cluster } from './cluster';
export type { ClusterAuthorization } from './cluster-authorization';
export type { ClusterOptions } from './cluster-options';
export { flagTexts } from './flag-texts';
export type { RelayFlags } from './relay-flags';
export { userKubeconfig, type UserKubeconfigOptions, writeUserKubeconfig } from './user-kubeconfig';
export { startPastServer } from './past-server';
export { programVersion } from '@reckon/serve/http';
