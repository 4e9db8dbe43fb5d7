const limits = { fewest: 100, leastPercent: 5 } as const;

/**
 * How many fitting nodes are enough to choose from: all of a small cluster, half of one of a few hundred, five per cent of one of
 * thousands (pkg/scheduler.numFeasibleNodesToFind).
 */
export function feasibleNodesToFind(allNodes: number): number {
  if (allNodes < limits.fewest) return allNodes;
  const percent = Math.max(50 - Math.floor(allNodes / 125), limits.leastPercent);
  return Math.max(Math.floor((allNodes * percent) / 100), limits.fewest);
}
