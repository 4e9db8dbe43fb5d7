import { describe, expect, it } from 'vitest';
import { Disruption } from './disruption';
import type { Node } from './node';

const normal = 0.1;
const secondary = 0.01;

class Cluster {
  readonly disruption = new Disruption({
    nodeEvictionRate: normal,
    secondaryNodeEvictionRate: secondary,
    largeClusterSizeThreshold: 5,
    unhealthyZoneThreshold: 0.55,
  });

  /** `ready` nodes of `total` in the zone. */
  set(zone: string, ready: number, total: number, labels: Record<string, string> = {}): void {
    for (let i = 0; i < total; i++) {
      const node: Node = {
        metadata: { name: `${zone}-${i}`, labels: { 'topology.kubernetes.io/zone': zone, ...labels } },
        status: { conditions: [{ type: 'Ready', status: i < ready ? 'True' : 'Unknown' }] },
      };
      this.disruption.count(node);
    }
  }

  evaluate(): readonly [string | undefined, Record<string, number>] {
    const { turned, rates } = this.disruption.evaluate();
    return [turned, Object.fromEntries([...rates].map(([zone, rate]) => [zone.slice(3), rate]))];
  }
}

describe('disruption', () => {
  it('slows evictions in a large zone and ends them in a small one', () => {
    const cluster = new Cluster();
    cluster.set('small', 4, 4);
    cluster.set('large', 10, 10);
    expect(cluster.evaluate()).toEqual([undefined, { small: normal, large: normal }]);
    cluster.set('small', 1, 4);
    cluster.set('large', 3, 10);
    expect(cluster.evaluate()).toEqual([undefined, { small: 0, large: secondary }]);
    expect(cluster.evaluate()).toEqual([undefined, {}]);
    cluster.set('large', 9, 10);
    expect(cluster.evaluate()).toEqual([undefined, { large: normal }]);
  });

  it('needs more than two unready nodes for a part of a zone', () => {
    const cluster = new Cluster();
    cluster.set('z', 1, 3);
    expect(cluster.evaluate()).toEqual([undefined, { z: normal }]);
  });

  it('ends all evictions when no node is ready, until one is', () => {
    const cluster = new Cluster();
    cluster.set('a', 2, 2);
    cluster.set('b', 0, 1);
    expect(cluster.evaluate()).toEqual([undefined, { a: normal, b: normal }]);
    cluster.set('a', 0, 2);
    expect(cluster.evaluate()).toEqual(['lost', { a: 0, b: 0 }]);
    expect(cluster.disruption.isTotal).toBe(true);
    cluster.set('a', 0, 3);
    expect(cluster.evaluate()).toEqual([undefined, {}]);
    cluster.set('a', 3, 3);
    expect(cluster.evaluate()).toEqual(['back', { a: normal, b: normal }]);
    expect(cluster.disruption.isTotal).toBe(false);
  });

  it('leaves out nodes that say so, and zones without nodes', () => {
    const cluster = new Cluster();
    cluster.set('a', 0, 2, { 'node.kubernetes.io/exclude-disruption': '' });
    expect(cluster.evaluate()).toEqual([undefined, {}]);
    cluster.set('a', 0, 2);
    cluster.set('b', 1, 1);
    expect(cluster.evaluate()).toEqual([undefined, { a: normal, b: normal }]);
    cluster.disruption.discount('b-0');
    cluster.disruption.discount('b-0');
    expect(cluster.evaluate()).toEqual(['lost', { a: 0 }]);
    cluster.disruption.discount('a-0');
    cluster.disruption.discount('a-1');
    expect(cluster.evaluate()).toEqual([undefined, {}]);
    expect(cluster.disruption.isTotal).toBe(false);
  });
});
