export * from './amounts';
export * from './evaluator';
export * from './evaluators';
export * from './quota-usage';
