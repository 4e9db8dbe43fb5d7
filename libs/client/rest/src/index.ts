export * from './client-config';
export * from './in-cluster';
export * from './kubeconfig';
export * from './line-stream';
export * from './resource-client';
export * from './resource-ref';
export * from './rest-client';
export * from './watch-event';
