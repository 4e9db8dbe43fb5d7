import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from './rollout';
import { maxSurge, maxUnavailable, newSetReplicas } from './rollout-limits';

const deployment = (
  replicas: number,
  surge: number | string,
  unavailable: number | string,
  type = 'RollingUpdate',
): Deployment => ({
  metadata: { name: 'web' },
  spec: { replicas, template: {}, strategy: { type, rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } } },
});
const set = (replicas: number): ReplicaSet => ({ metadata: {}, spec: { replicas } });

describe('what a rolling update may do', () => {
  // replicas, maxSurge, maxUnavailable → surge, unavailable
  it.each([
    [10, '25%', '25%', 3, 2],
    [3, '25%', '25%', 1, 0],
    [1, '25%', '25%', 1, 0],
    [10, 0, '5%', 0, 1],
    [10, 0, 0, 0, 1],
    [2, 0, 5, 0, 2],
    [0, '25%', '25%', 0, 0],
    [4, '100%', '0%', 4, 0],
  ] as const)('%i replicas, %s over, %s missing', (replicas, surge, unavailable, over, missing) => {
    expect([
      maxSurge(deployment(replicas, surge, unavailable)),
      maxUnavailable(deployment(replicas, surge, unavailable)),
    ]).toEqual([over, missing]);
  });

  it('grows the new ReplicaSet into the room that is left', () => {
    expect(newSetReplicas(deployment(10, 3, 2), [set(8), set(2)], 2)).toBe(5);
    expect(newSetReplicas(deployment(10, 3, 2), [set(10), set(3)], 3)).toBe(3);
    expect(newSetReplicas(deployment(10, 3, 2), [set(0), set(9)], 9)).toBe(10);
    expect(newSetReplicas(deployment(10, 3, 2, 'Recreate'), [set(10)], 0)).toBe(10);
  });
});
