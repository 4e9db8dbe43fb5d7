// For specs only (it loads a log): `@reckon/store/storage/suites`.
export * from './testing/memory-storage.suite';
export * from './testing/storage-over.suite';
