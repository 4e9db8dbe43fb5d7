export * from './entry-line';
export * from './event-log';
export * from './log-growth';
export * from './object-key';
export * from './revision';
export * from './storage';
export * from './storage-error';
