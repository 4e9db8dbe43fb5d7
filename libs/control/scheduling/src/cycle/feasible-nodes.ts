const limits = { fewest: 100, leastPercent: 5 } as const;

/**
 * How many fitting nodes are enough to choose from: all of a small cluster, and of a larger one `percent`; 0 stands for half of one of
 * a few hundred and five per cent of one of thousands (pkg/scheduler.numFeasibleNodesToFind).
 */
export function feasibleNodesToFind(allNodes: number, percent = 0): number {
  if (allNodes < limits.fewest) return allNodes;
  const wanted = percent === 0 ? Math.max(50 - Math.floor(allNodes / 125), limits.leastPercent) : percent;
  return Math.max(Math.floor((allNodes * wanted) / 100), limits.fewest);
}
