import type { ResourceLimits } from 'node:worker_threads';

/**
 * V8 lets a thread have 48 MB of what it has just made, and gives them back long after it needs them no more. What these threads make
 * dies at once, so that they do as well with a few.
 */
export const threadLimits = {
  agents: { maxYoungGenerationSizeMb: 24 },
  relay: { maxYoungGenerationSizeMb: 6 },
} as const satisfies Record<string, ResourceLimits>;
