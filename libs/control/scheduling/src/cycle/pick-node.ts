import type { Random } from '@reckon/kernel';
import type { NodeInfo } from '../cache/node-info';

/** The node of the highest total; of equals, each is as likely as the other (reservoir sampling: the nth takes over with 1/n). */
export function pickNode(nodes: readonly NodeInfo[], totals: readonly number[], random: Random): NodeInfo | undefined {
  let best: NodeInfo | undefined;
  let highest = -Infinity;
  let equals = 0;
  for (const [i, node] of nodes.entries()) {
    const total = totals[i] ?? 0;
    if (total > highest) {
      highest = total;
      best = node;
      equals = 1;
    } else if (total === highest && random.float() * ++equals < 1) best = node;
  }
  return best;
}
