export * from './controller-context';
export * from './node-lifecycle/node-lifecycle-options';
export * from './start-controllers';
export * from './table';
