export * from './kubelet-options';
export * from './start-kubelet';
export { defaultStages } from './stages/default-stages';
export { type Stage, stageFileSchema } from './stages/stage';
export { podLogLines } from './server/container-log';
