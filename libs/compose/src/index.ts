export { checkDataDirectory } from './check-data-directory';
export { startCluster, type Cluster } from './cluster';
export type { ClusterOptions } from './cluster-options';
export { versionInfo as serverVersion } from '@reckon/serve/http';
