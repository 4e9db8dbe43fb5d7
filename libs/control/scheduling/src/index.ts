export * from './config/merge-plugins';
export * from './config/scheduler-configuration';
export * from './config/upstream-plugins';
export * from './start-scheduler';
