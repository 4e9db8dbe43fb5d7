import { type ResourceWeight, defaultArgs } from '../config/scheduler-configuration';
import { type Plugin, maxNodeScore } from '../framework/plugin';
import { skip } from '../framework/status';
import { allocatable, totalRequest } from './resource-score';

/** Prefers nodes on which resources would be used in like proportion (plugins/noderesources.BalancedAllocation). */
export const balancedAllocation = (
  resources: readonly Pick<ResourceWeight, 'name'>[] = defaultArgs.NodeResourcesBalancedAllocation.resources,
): Plugin => ({
  name: 'NodeResourcesBalancedAllocation',
  preScore: (_, { requests }) => (requests.milliCpu === 0 && requests.memory === 0 ? skip : undefined),
  score: (_, pod, node) => {
    const shares: number[] = [];
    for (const { name } of resources) {
      const capacity = allocatable(name, pod, node);
      if (capacity > 0) shares.push(Math.min(totalRequest(name, pod, node) / capacity, 1));
    }
    return Math.floor((1 - deviation(shares)) * maxNodeScore);
  },
});

/** The standard deviation; half the difference of two. */
function deviation(shares: readonly number[]): number {
  const [one = 0, two = 0] = shares;
  if (shares.length < 2) return 0;
  if (shares.length === 2) return Math.abs(one - two) / 2;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
}
