import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { CycleState } from '../../framework/cycle-state';
import { type PodParts, filterReasons, listerOf, nodeInfo, podInfo, scoresOf } from '../../testing/make';
import type { NodeInfo } from '../../cache/node-info';
import { interPodAffinity } from './inter-pod-affinity';

const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
const term = (app: string, topologyKey = zone, more: Partial<corev1.PodAffinityTerm> = {}): corev1.PodAffinityTerm => ({
  topologyKey,
  labelSelector: { matchLabels: { app } },
  ...more,
});
const near = (...terms: corev1.PodAffinityTerm[]): corev1.Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const apart = (...terms: corev1.PodAffinityTerm[]): corev1.Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const web = (more: PodParts = {}): PodParts => ({ labels: { app: 'web' }, ...more });
const inZone = (name: string, z: string, pods: readonly PodParts[] = []): NodeInfo =>
  nodeInfo(
    { name, labels: { [zone]: z } },
    pods.map((p, i) => ({ ...p, name: `${name}-${String(i)}` })),
  );

const noAffinity = "node(s) didn't match pod affinity rules";
const unwanted = "node(s) didn't match pod anti-affinity rules";
const unwelcome = "node(s) didn't satisfy existing pods anti-affinity rules";

function reasons(
  pod: PodParts,
  nodes: readonly NodeInfo[],
  labels: Record<string, Record<string, string>> = {},
): string[] {
  return filterReasons(
    interPodAffinity({ nodes: listerOf(nodes), namespaceLabels: (n) => labels[n] ?? {} }),
    podInfo(pod),
    nodes,
  );
}

describe('InterPodAffinity', () => {
  it('wants to be in the zone of others', () => {
    const nodes = [inZone('a', 'x', [web()]), inZone('b', 'x'), inZone('c', 'y'), nodeInfo({ name: 'd' })];
    expect(reasons({ spec: { affinity: near(term('web')) } }, nodes)).toEqual(['', '', noAffinity, noAffinity]);
  });

  it('lets the first of a group that wants to be together in, where the topology is known', () => {
    const nodes = [inZone('a', 'x'), nodeInfo({ name: 'b' })];
    expect(reasons(web({ spec: { affinity: near(term('web')) } }), nodes)).toEqual(['', noAffinity]);
    expect(reasons({ spec: { affinity: near(term('web')) } }, nodes)).toEqual([noAffinity, noAffinity]);
  });

  it('keeps away from others', () => {
    const nodes = [inZone('a', 'x', [web()]), inZone('b', 'x'), inZone('c', 'y')];
    expect(reasons({ spec: { affinity: apart(term('web', hostname)) } }, nodes)).toEqual([unwanted, '', '']);
    expect(reasons({ spec: { affinity: apart(term('web')) } }, nodes)).toEqual([unwanted, unwanted, '']);
  });

  it('respects that others keep away from it', () => {
    const nodes = [inZone('a', 'x', [{ spec: { affinity: apart(term('web')) } }]), inZone('b', 'x'), inZone('c', 'y')];
    expect(reasons(web(), nodes)).toEqual([unwelcome, unwelcome, '']);
    expect(reasons({}, nodes)).toEqual(['', '', '']);
  });

  it('looks into its own namespace, or those that the term names or selects', () => {
    const nodes = [inZone('a', 'x', [web({ namespace: 'other' })])];
    const labels = { other: { team: 't' } };
    expect(reasons({ spec: { affinity: apart(term('web')) } }, nodes, labels)).toEqual(['']);
    expect(reasons({ spec: { affinity: apart(term('web', zone, { namespaces: ['other'] })) } }, nodes, labels)).toEqual(
      [unwanted],
    );
    expect(
      reasons(
        { spec: { affinity: apart(term('web', zone, { namespaceSelector: { matchLabels: { team: 't' } } })) } },
        nodes,
        labels,
      ),
    ).toEqual([unwanted]);
    expect(reasons({ spec: { affinity: apart(term('web', zone, { namespaceSelector: {} })) } }, nodes, labels)).toEqual(
      [unwanted],
    );
  });

  it('scores what this pod and the others prefer of each other', () => {
    const prefers = (weight: number, t: corev1.PodAffinityTerm): PodParts => ({
      spec: {
        affinity: {
          podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: t }] },
        },
      },
    });
    const nodes = [
      inZone('a', 'x', [web()]),
      inZone('b', 'y'),
      inZone('c', 'z', [{ labels: { app: 'db' }, ...prefers(5, term('new')) }]),
    ];
    const plugin = interPodAffinity({ nodes: listerOf(nodes), namespaceLabels: () => ({}) });
    expect(scoresOf(plugin, podInfo({ labels: { app: 'new' }, ...prefers(10, term('web')) }), nodes)).toEqual([
      100, 0, 50,
    ]);
    expect(scoresOf(plugin, podInfo({ labels: { app: 'lone' } }), nodes)).toBeUndefined();
  });

  it('keeps its counts in step when a dry run takes pods off and puts them back', () => {
    const node = inZone('a', 'x', [web()]);
    const plugin = interPodAffinity({ nodes: listerOf([node]), namespaceLabels: () => ({}) });
    const pod = podInfo({ spec: { affinity: apart(term('web')) } });
    const state = new CycleState();
    plugin.preFilter?.(state, pod, listerOf([node]));
    const other = [...node.pods.values()][0]!;
    const dry = state.clone();
    plugin.removePod?.(dry, pod, other, node);
    expect(plugin.filter?.(dry, pod, node)).toBeUndefined();
    plugin.addPod?.(dry, pod, other, node);
    expect(plugin.filter?.(dry, pod, node)?.reasons).toEqual([unwanted]);
    expect(plugin.filter?.(state, pod, node)?.reasons).toEqual([unwanted]);
  });
});
