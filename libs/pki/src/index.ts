export * from './certificate';
export * from './certificate-request';
export * from './ensure-pki';
export * from './key-pair';
export * from './kubeconfig';
export * from './pki-error';
export * from './private-file';
