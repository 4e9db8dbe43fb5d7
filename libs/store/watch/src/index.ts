export * from './json-encoding';
export * from './transition';
export * from './watch-hub';
export type { WatcherState } from './watcher';
