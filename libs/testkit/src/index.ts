export * from './eventually';
export * from './kubectl';
export * from './reckon-process';
export * from './transcript';
