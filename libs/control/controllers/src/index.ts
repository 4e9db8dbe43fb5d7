export * from './controller-context';
export * from './start-controllers';
export * from './table';
