export * from './amounts';
export * from './evaluator';
export * from './evaluators';
export { podRequests } from './pod-resources';
export * from './quota-usage';
