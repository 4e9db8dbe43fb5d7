export * from './cutting-proxy';
export * from './eventually';
export * from './fake-api/index';
export * from './kubectl';
export * from './raw-client';
export * from './reckon-process';
export * from './stranger';
export * from './transcript';
