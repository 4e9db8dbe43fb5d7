export * from './discovery';
export { builtinPriority, customPriority, type GroupVersionPriority } from './group-version-priority';
export type { ServedGroup } from './legacy-documents';
export * from './openapi-v2/openapi-v2';
