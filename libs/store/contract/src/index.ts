export * from './entry-line';
export * from './event-log';
export * from './object-key';
export * from './revision';
export * from './storage';
export * from './storage-error';
