export { UsedPorts, hostPortsOf } from './cache/host-ports';
export { podRequests } from './cache/pod-requests';
export { type Amounts, addAmounts, amountsOf, noAmounts } from './cache/resource-amount';
export * from './config/merge-plugins';
export * from './config/scheduler-configuration';
export * from './config/upstream-plugins';
export * from './start-scheduler';
