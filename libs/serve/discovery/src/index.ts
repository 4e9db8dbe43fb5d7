export * from './discovery';
export type { ServedGroup } from './legacy-documents';
export * from './openapi-v2/openapi-v2';
