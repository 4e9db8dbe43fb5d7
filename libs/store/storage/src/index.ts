export * from './genesis';
export * from './open-storage';
