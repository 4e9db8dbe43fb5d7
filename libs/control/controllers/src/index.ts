export * from './certificates/certificate-options';
export { signerNames, type SignerName } from './certificates/signer-rules';
export * from './controller-context';
export * from './node-lifecycle/node-lifecycle-options';
export * from './start-controllers';
export * from './table';
