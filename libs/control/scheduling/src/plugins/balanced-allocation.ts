import { type Plugin, maxNodeScore } from '../framework/plugin';
import { skip } from '../framework/status';

/** Prefers nodes on which CPU and memory would be used in like proportion (plugins/noderesources.BalancedAllocation). */
export const balancedAllocation = (): Plugin => ({
  name: 'NodeResourcesBalancedAllocation',
  preScore: (_, { requests }) => (requests.milliCpu === 0 && requests.memory === 0 ? skip : undefined),
  score: (_, { requests }, { allocatable, requested }) => {
    const cpu =
      allocatable.milliCpu > 0
        ? Math.min((requested.milliCpu + requests.milliCpu) / allocatable.milliCpu, 1)
        : undefined;
    const memory =
      allocatable.memory > 0 ? Math.min((requested.memory + requests.memory) / allocatable.memory, 1) : undefined;
    const deviation = cpu === undefined || memory === undefined ? 0 : Math.abs(cpu - memory) / 2;
    return Math.floor((1 - deviation) * maxNodeScore);
  },
});
