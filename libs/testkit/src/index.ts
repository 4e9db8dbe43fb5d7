export * from './eventually';
export * from './fake-api/index';
export * from './kubectl';
export * from './reckon-process';
export * from './transcript';
