import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../framework/kinds';
import { node, pod, podInfo } from '../testing/make';
import type { NodeInfo } from './node-info';
import { podInfoOf } from './pod-info';
import { SchedulerCache } from './scheduler-cache';

const render = (info: NodeInfo): unknown => ({
  name: info.name,
  node: info.node,
  pods: [...info.pods.keys()].sort(),
  withAffinity: [...info.podsWithAffinity.keys()].sort(),
  requested: { ...info.requested, scalars: [...(info.requested.scalars ?? [])].sort() },
  assumed: [info.assumedMilliCpu, info.assumedMemory],
  ports: [8080, 8081].map((port) => info.ports.collides({ ip: '0.0.0.0', protocol: 'TCP', port })),
});
const renderAll = (cache: SchedulerCache): unknown[] =>
  [...cache.list()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(render);

describe('SchedulerCache', () => {
  it('after any history equals one that is built anew from what is there', () => {
    const seed = Number(process.env['RECKON_SEED'] ?? 1);
    const random = seededRandom(seed);
    const cache = new SchedulerCache();
    const nodes = new Map<string, Node>();
    /** uid → pod and node it is on, assumed or seen. */
    const placed = new Map<string, { pod: Pod; on: string; isAssumed: boolean }>();

    const randomPod = (name: string): Pod =>
      pod({
        name,
        requests: {
          cpu: `${String(random.int(500))}m`,
          memory: `${String(random.int(64))}Mi`,
          ...(random.int(3) === 0 ? { 'example.com/gpu': String(random.int(3)) } : {}),
        },
        spec: {
          ...(random.int(4) === 0 ? { affinity: { podAntiAffinity: {} } } : {}),
          ...(random.int(4) === 0
            ? { containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 8080 + random.int(2) }] }] }
            : {}),
        },
      });

    for (let step = 0; step < 3_000; step++) {
      const nodeNamed = `n${String(random.int(6))}`;
      const name = `p${String(random.int(40))}`;
      const uid = `uid-${name}`;
      const there = placed.get(uid);
      switch (random.int(7)) {
        case 0: {
          const made = node({
            name: nodeNamed,
            labels: { 'topology.kubernetes.io/zone': `z${String(random.int(3))}` },
            allocatable: { cpu: String(1 + random.int(8)) },
          });
          nodes.set(nodeNamed, made);
          cache.setNode(made);
          break;
        }
        case 1:
          nodes.delete(nodeNamed);
          cache.removeNode(nodeNamed);
          break;
        case 2:
          if (there === undefined) {
            const made = randomPod(name);
            placed.set(uid, { pod: made, on: nodeNamed, isAssumed: true });
            cache.assume(podInfoOf(made), nodeNamed);
          }
          break;
        case 3:
          if (there?.isAssumed === true) placed.delete(uid);
          cache.forget(uid);
          break;
        case 4:
        case 5: {
          // Confirmed where it was assumed or, as after a race, elsewhere; or a newer version.
          const on = there !== undefined && random.int(4) > 0 ? there.on : nodeNamed;
          const made = randomPod(name);
          made.spec = { ...made.spec!, nodeName: on };
          placed.set(uid, { pod: made, on, isAssumed: false });
          cache.setPod(made);
          break;
        }
        default:
          placed.delete(uid);
          cache.removePod(uid);
      }
      if (step % 50 !== 0) continue;
      const fresh = new SchedulerCache();
      for (const { pod: p, on, isAssumed } of placed.values()) {
        if (isAssumed) fresh.assume(podInfoOf(p), on);
        else fresh.setPod(p);
      }
      for (const n of nodes.values()) fresh.setNode(n);
      expect(renderAll(cache), `seed ${String(seed)}, step ${String(step)}`).toEqual(renderAll(fresh));
      expect(cache.counts, `seed ${String(seed)}`).toEqual(fresh.counts);
    }
  });

  it('keeps the pods of a node that is not there yet, and does not list it', () => {
    const cache = new SchedulerCache();
    cache.setPod(pod({ requests: { cpu: '1' }, spec: { nodeName: 'late' } }));
    expect(cache.list()).toEqual([]);
    expect(cache.get('late')).toBeUndefined();
    cache.setNode(node({ name: 'late' }));
    expect(cache.get('late')?.pods.size).toBe(1);
  });

  it('keeps a pod whose binding was seen, even if its binding request failed', () => {
    const cache = new SchedulerCache();
    cache.setNode(node({ name: 'n' }));
    cache.assume(podInfo(), 'n');
    expect(cache.isAssumed('uid-p')).toBe(true);
    cache.setPod(pod({ spec: { nodeName: 'n' } }));
    cache.forget('uid-p');
    expect(cache.get('n')?.pods.size).toBe(1);
    expect(cache.counts).toEqual({ nodes: 1, pods: 1, assumed: 0 });
  });

  it('lists zones in turn', () => {
    const cache = new SchedulerCache();
    const zones: Record<string, string> = { a1: 'a', a2: 'a', a3: 'a', b1: 'b', c1: 'c', c2: 'c' };
    for (const [name, zone] of Object.entries(zones))
      cache.setNode(node({ name, labels: { 'topology.kubernetes.io/zone': zone } }));
    expect(cache.list().map((n) => n.name)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  });
});
