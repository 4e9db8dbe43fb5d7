import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import { Controller, done } from '@reckon/control/runtime';
import type { ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';

const annotation = 'node.alpha.kubernetes.io/ttl';

/** How long kubelets may keep Secrets and ConfigMaps, by the size of the cluster: each row holds from `from` nodes on. */
const steps = [
  { from: 0, seconds: 0 },
  { from: 101, seconds: 15 },
  { from: 501, seconds: 30 },
  { from: 1_001, seconds: 60 },
  { from: 2_001, seconds: 300 },
] as const;

export const ttlSecondsFor = (nodes: number): number => steps.findLast((s) => nodes >= s.from)?.seconds ?? 0;

/** Tells every node how long it may cache (pkg/controller/ttl). */
export const ttlController: ControllerRow = {
  name: 'ttl-controller',
  serviceAccount: 'ttl-controller',
  start(context) {
    const nodes = context.informers.informer<corev1.Node & KubeObject>(refs.nodes);
    const client = context.rest.resource<corev1.Node & KubeObject>(refs.nodes);
    const controller = new Controller(
      'ttlcontroller',
      async (name) => {
        const wanted = String(ttlSecondsFor(nodes.lister.size));
        const node = nodes.lister.byKey(name);
        if (node === undefined || node.metadata.annotations?.[annotation] === wanted) return done;
        await client
          .patch('', name, { type: 'strategic', body: { metadata: { annotations: { [annotation]: wanted } } } })
          .catch((error: unknown) => {
            if (reasonOf(error) !== 'NotFound') throw error;
          });
        return done;
      },
      context,
    );
    let told = 0;
    const enqueue = (node: KubeObject): void => {
      controller.enqueue(node.metadata.name ?? '');
      // A step was crossed: every node is told anew.
      const seconds = ttlSecondsFor(nodes.lister.size);
      if (seconds === told) return;
      told = seconds;
      for (const other of nodes.lister.list()) controller.enqueue(other.metadata.name ?? '');
    };
    nodes.addHandler({
      add: enqueue,
      update: (_, node) => {
        enqueue(node);
      },
      delete: enqueue,
    });
    return startWhenSynced([controller], [nodes]);
  },
};
