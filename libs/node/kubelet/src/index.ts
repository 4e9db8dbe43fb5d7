export * from './certificates';
export * from './kubelet-options';
export * from './start-kubelet';
export type { NodeRegistration } from './node/node-profile';
export { defaultStages } from './stages/default-stages';
export type { Stage } from './stages/stage';
export { podLogLines } from './server/container-log';
