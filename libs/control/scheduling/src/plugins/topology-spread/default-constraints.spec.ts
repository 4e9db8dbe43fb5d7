import { newControllerReference } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { NodeInfo } from '../../cache/node-info';
import type { ReplicaSet, ReplicationController, Service, StatefulSet } from '../../framework/kinds';
import { type PodParts, filterReasons, listerOf, nodeInfo, pod, podInfo, scoresOf } from '../../testing/make';
import { type PodGroups, defaultConstraints } from './default-constraints';
import { topologySpread } from './topology-spread';

const service = (selector: Record<string, string> | undefined, namespace = 'default'): Service => ({
  metadata: { name: `s-${JSON.stringify(selector)}`, namespace },
  spec: selector === undefined ? {} : { selector },
});

function replicaSet(selector: ReplicaSet['spec']): ReplicaSet {
  return { metadata: { name: 'web-1', namespace: 'default', uid: 'uid-set' }, ...(selector && { spec: selector }) };
}

const set = replicaSet({ selector: { matchLabels: { app: 'web' } } });

interface Parts {
  readonly services?: readonly Service[];
  readonly sets?: readonly ReplicaSet[];
  readonly statefulSets?: readonly StatefulSet[];
  readonly controllers?: readonly ReplicationController[];
}

function groups(parts: Parts = {}): PodGroups {
  const inNamespace = <T extends Service | ReplicaSet | StatefulSet | ReplicationController>(
    all: readonly T[] | undefined,
    namespace: string,
  ): T[] => (all ?? []).filter((o) => o.metadata.namespace === namespace);
  return {
    services: (namespace) => inNamespace(parts.services, namespace),
    replicaSet: (namespace, name) => inNamespace(parts.sets, namespace).find((s) => s.metadata.name === name),
    statefulSet: (namespace, name) => inNamespace(parts.statefulSets, namespace).find((s) => s.metadata.name === name),
    replicationController: (namespace, name) =>
      inNamespace(parts.controllers, namespace).find((s) => s.metadata.name === name),
  };
}

const owned = (kind = 'ReplicaSet', apiVersion = 'apps/v1'): PodParts => ({
  owners: [newControllerReference(set, { kind, apiVersion })],
});

describe('the default constraints', () => {
  it.each<[string, PodParts, Parameters<typeof groups>[0], string | undefined]>([
    ['a pod alone', { labels: { app: 'web' } }, {}, undefined],
    [
      'a service that selects it',
      { labels: { app: 'web', v: '1' } },
      { services: [service({ app: 'web' })] },
      'app=web',
    ],
    [
      'two services: both selectors',
      { labels: { app: 'web', tier: 'front' } },
      { services: [service({ app: 'web' }), service({ app: 'web', tier: 'front' })] },
      'app=web,tier=front',
    ],
    ['a service that does not', { labels: { app: 'web' } }, { services: [service({ app: 'web', v: '1' })] }, undefined],
    ['a service of another namespace', { labels: { a: 'b' } }, { services: [service({ a: 'b' }, 'other')] }, undefined],
    ['a service without a selector', { labels: { a: 'b' } }, { services: [service(undefined)] }, undefined],
    ['a service with an empty one', { labels: { a: 'b' } }, { services: [service({})] }, undefined],
    ['a service that asks for an inherited key', {}, { services: [service({ constructor: 'x' })] }, undefined],
    ['its ReplicaSet', owned(), { sets: [set] }, 'app=web'],
    [
      'its StatefulSet',
      owned('StatefulSet'),
      { statefulSets: [{ ...set, spec: { selector: { matchLabels: { app: 'db' } } } } as unknown as StatefulSet] },
      'app=db',
    ],
    [
      'its ReplicationController',
      owned('ReplicationController', 'v1'),
      { controllers: [{ metadata: set.metadata, spec: { selector: { app: 'old' } } }] },
      'app=old',
    ],
    ['a ReplicaSet that is not known', owned(), {}, undefined],
    [
      'its ReplicaSet and a service',
      { ...owned(), labels: { app: 'web', tier: 'front' } },
      { sets: [set], services: [service({ tier: 'front' })] },
      'app=web,tier=front',
    ],
    [
      'a ReplicaSet with expressions',
      owned(),
      { sets: [replicaSet({ selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } })] },
      'app',
    ],
    [
      'a ReplicaSet whose selector cannot be read',
      owned(),
      { sets: [replicaSet({ selector: { matchExpressions: [{ key: 'app', operator: 'Bad' }] } })] },
      undefined,
    ],
    ['a ReplicaSet without a selector', owned(), { sets: [replicaSet(undefined)] }, undefined],
    ['an owner of another kind with that name', owned('Job', 'batch/v1'), { sets: [set] }, undefined],
    ['an owner of another group with that name', owned('ReplicaSet', 'example.com/v1'), { sets: [set] }, undefined],
    [
      'an owner that is no controller',
      { owners: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'uid-set' }] },
      { sets: [set] },
      undefined,
    ],
  ])('%s', (_, parts, known, selector) => {
    const constraints = defaultConstraints(pod(parts), groups(known));
    expect(constraints.map((c) => [c.topologyKey, c.maxSkew, c.selector.toString()])).toEqual(
      selector === undefined
        ? []
        : [
            ['kubernetes.io/hostname', 3, selector],
            ['topology.kubernetes.io/zone', 5, selector],
          ],
    );
  });
});

describe('PodTopologySpread without constraints of the pod', () => {
  const web: PodParts = { labels: { app: 'web' } };
  const on = (name: string, webs: number, zone?: string): NodeInfo =>
    nodeInfo(
      { name, ...(zone === undefined ? {} : { labels: { 'topology.kubernetes.io/zone': zone } }) },
      Array.from({ length: webs }, (_, i) => ({ ...web, name: `${name}-${String(i)}` })),
    );
  const scores = (nodes: readonly NodeInfo[], parts: PodParts = {}, known = groups({ sets: [set] })) =>
    scoresOf(
      topologySpread({ nodes: listerOf(nodes), groups: known }),
      podInfo({ ...web, ...owned(), ...parts }),
      nodes,
    );

  it.each<[string, readonly NodeInfo[], readonly number[]]>([
    // Per node: count × ln(nodes + 2) + 2, plus, with a zone, count × ln(zones + 2) + 4; rounded, then 100 × (most + least − score) / most.
    // a: 2, b: 3.
    ['nodes without zones: by name', [on('a', 0), on('b', 1)], [100, 66]],
    ['evenly filled', [on('a', 2), on('b', 2)], [100, 100]],
    ['a zone each', [on('a', 0, 'x'), on('b', 1, 'y')], [100, 66]],
    // a: 13, b: 16, c: 12.
    ['an emptier zone before an emptier node', [on('a', 1, 'x'), on('b', 3, 'x'), on('c', 2, 'y')], [93, 75, 100]],
    // a: 3, b: 9. Of a, only the name counts, as upstream; for the weight, its missing zone is one.
    ['one node without a zone', [on('a', 1), on('b', 1, 'x')], [100, 33]],
  ])('%s', (_, nodes, expected) => {
    expect(scores(nodes)).toEqual(expected);
  });

  it('refuses no node', () => {
    const nodes = [on('a', 50, 'x'), on('b', 0)];
    const plugin = topologySpread({ nodes: listerOf(nodes), groups: groups({ sets: [set] }) });
    expect(filterReasons(plugin, podInfo({ ...web, ...owned() }), nodes)).toEqual(['', '']);
  });

  it('has nothing to say of a pod that has constraints, be they hard ones, or that belongs nowhere', () => {
    const nodes = [on('a', 0), on('b', 1)];
    const constraint: corev1.TopologySpreadConstraint = {
      maxSkew: 1,
      topologyKey: 'rack',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
    };
    expect(scores(nodes, { spec: { topologySpreadConstraints: [constraint] } })).toBeUndefined();
    expect(scores(nodes, {}, groups())).toBeUndefined();
    expect(scores(nodes, { spec: { topologySpreadConstraints: [] } })).toEqual([100, 66]);
  });
});
