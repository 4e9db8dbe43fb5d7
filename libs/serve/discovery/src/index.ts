export * from './discovery';
export type { ServedGroup } from './legacy-documents';
