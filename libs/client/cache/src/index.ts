export * from './backoff';
export * from './indexer';
export * from './informer';
export * from './informer-factory';
export * from './reflector';
export * from './shared-objects';
