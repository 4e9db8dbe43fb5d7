export * from './api-server';
export * from './api-server-options';
export { requestInfoOf, type RequestInfo } from './request-info';
export { tlsContexts } from './tls-contexts';
export { programVersion, versionInfo } from './paths/version';
export { PeerCertificates } from './pipeline/authenticate';
export { forbidden } from './pipeline/forbidden';
