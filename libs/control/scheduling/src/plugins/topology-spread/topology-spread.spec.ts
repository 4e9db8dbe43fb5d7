import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { NodeInfo } from '../../cache/node-info';
import { type PodParts, filterReasons, listerOf, nodeInfo, podInfo, scoresOf } from '../../testing/make';
import type { PodGroups } from './default-constraints';
import { topologySpread } from './topology-spread';

const zone = 'topology.kubernetes.io/zone';
const uneven = "node(s) didn't match pod topology spread constraints";
const unlabelled = `${uneven} (missing required label)`;
const web = (more: PodParts = {}): PodParts => ({ labels: { app: 'web' }, ...more });

function inZone(name: string, z: string, webs: number, more: readonly PodParts[] = []): NodeInfo {
  const pods = [...Array.from({ length: webs }, () => web()), ...more];
  return nodeInfo(
    { name, labels: { [zone]: z } },
    pods.map((p, i) => ({ ...p, name: `${name}-${String(i)}` })),
  );
}

const spread = (more: Partial<corev1.TopologySpreadConstraint> = {}, rest: Partial<corev1.PodSpec> = {}) =>
  podInfo(
    web({
      spec: {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: zone,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { app: 'web' } },
            ...more,
          },
        ],
        ...rest,
      },
    }),
  );

const reasons = (pod: ReturnType<typeof podInfo>, nodes: readonly NodeInfo[]) =>
  filterReasons(topologySpread({ nodes: listerOf(nodes), groups: noGroups }), pod, nodes);

const noGroups: PodGroups = {
  services: () => [],
  replicaSet: () => undefined,
  statefulSet: () => undefined,
  replicationController: () => undefined,
};

describe('PodTopologySpread', () => {
  it('refuses domains that would hold too many more than the emptiest', () => {
    const nodes = [inZone('a', 'x', 1), inZone('b', 'x', 1), inZone('c', 'y', 1), nodeInfo({ name: 'd' })];
    expect(reasons(spread(), nodes)).toEqual([uneven, uneven, '', unlabelled]);
    expect(reasons(spread({ maxSkew: 2 }), nodes)).toEqual(['', '', '', unlabelled]);
  });

  it('counts neither pods of other namespaces nor those that are going away', () => {
    const gone = web();
    const nodes = [inZone('a', 'x', 0, [web({ namespace: 'other' }), gone]), inZone('b', 'y', 0)];
    for (const info of nodes[0]!.pods.values())
      if (info.pod.metadata.namespace === 'default') info.pod.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(reasons(spread(), nodes)).toEqual(['', '']);
  });

  it('takes missing domains for empty ones up to minDomains', () => {
    const nodes = [inZone('a', 'x', 1), inZone('b', 'y', 1)];
    expect(reasons(spread(), nodes)).toEqual(['', '']);
    expect(reasons(spread({ minDomains: 3 }), nodes)).toEqual([uneven, uneven]);
  });

  it('leaves nodes that the pod may not use out of the count, unless told otherwise', () => {
    const nodes = [inZone('a', 'x', 1), inZone('b', 'y', 0)];
    const nodeSelector = { [zone]: 'x' };
    expect(reasons(spread({}, { nodeSelector }), nodes)[0]).toBe('');
    expect(reasons(spread({ nodeAffinityPolicy: 'Ignore' }, { nodeSelector }), nodes)[0]).toBe(uneven);
    nodes[1]!.setNode({ ...nodes[1]!.node!, spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } });
    expect(reasons(spread(), nodes)[0]).toBe(uneven);
    expect(reasons(spread({ nodeTaintsPolicy: 'Honor' }), nodes)[0]).toBe('');
  });

  it('compares only pods of one value of matchLabelKeys', () => {
    const nodes = [inZone('a', 'x', 1), inZone('b', 'y', 0)];
    const pod = spread({ matchLabelKeys: ['version'] });
    pod.pod.metadata.labels = { app: 'web', version: '2' };
    expect(reasons(pod, nodes)).toEqual(['', '']);
  });

  it('prefers emptier domains where it need not refuse', () => {
    const nodes = [inZone('a', 'x', 3), inZone('b', 'y', 1), nodeInfo({ name: 'c' })];
    const scores = scoresOf(
      topologySpread({ nodes: listerOf(nodes), groups: noGroups }),
      spread({ whenUnsatisfiable: 'ScheduleAnyway' }),
      nodes,
    )!;
    expect(scores[1]).toBe(100);
    expect(scores[0]).toBeLessThan(100);
    expect(scores[2]).toBe(0);
    expect(reasons(spread({ whenUnsatisfiable: 'ScheduleAnyway' }), nodes)).toEqual(['', '', '']);
  });
});
