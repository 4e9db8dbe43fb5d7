export * from './controller';
export * from './event-recorder';
export * from './leader-election';
export * from './queue-metrics';
export * from './rate-limiter';
export * from './work-queue';
