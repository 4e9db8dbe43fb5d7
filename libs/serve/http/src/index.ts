export * from './api-server';
export * from './api-server-options';
export { requestInfoOf, type RequestInfo } from './request-info';
export { versionInfo } from './paths/version';
