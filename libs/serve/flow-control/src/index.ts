export * from './flow-control';
export type { FlowRequest } from './flow-request';
export type { Seat } from './seat';
