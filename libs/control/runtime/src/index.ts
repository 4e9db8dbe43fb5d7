export * from './action-recorder';
export * from './controller';
export * from './event-recorder';
export * from './leader-election';
export * from './queue-metrics';
export * from './rate-limiter';
export * from './tolerations';
export * from './work-queue';
