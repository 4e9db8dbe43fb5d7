export * from './clock';
export * from './failpoint';
export * from './fake-clock';
export * from './lifecycle';
export * from './logger';
export * from './metrics';
export * from './next-turn';
export * from './random';
