// For specs only (it needs vitest): `@reckon/store/contract/suites`.
export * from './event-log-fixture';
export * from './event-log.suite';
export * from './history.suite';
export * from './controlled-log';
export * from './recording-sink';
export * from './storage-fixture';
export * from './storage.suite';
export * from './watch.suite';
