export * from './binding';
export * from './eviction';
export * from './pod-log';
export * from './scale';
export * from './simulated-container';
export * from './token';
