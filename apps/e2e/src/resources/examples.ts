import { clusterExamples } from './cluster-examples';
import { coreExamples } from './core-examples';
import { networkExamples } from './network-examples';
import type { ResourceExample } from './resource-example';
import { workloadExamples } from './workload-examples';

export const examples: readonly ResourceExample[] = [
  ...coreExamples,
  ...workloadExamples,
  ...networkExamples,
  ...clusterExamples,
];
