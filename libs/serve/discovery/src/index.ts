export * from './aggregated-document';
export * from './discovery';
export * from './legacy-documents';
export * from './storage-version-hash';
