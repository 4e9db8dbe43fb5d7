import { type KubeObject, reasonOf } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Lister } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type Result, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { runAll } from '../ownership/run-all';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { forceDelete } from './force-delete';
import { NodeQuarantine } from './node-quarantine';
import { isOutOfService, isUnscheduledTerminating, terminatedBeyond } from './garbage-pods';

type Node = corev1.Node & KubeObject;

const key = 'pods';
const everyMs = 20_000;

/** Upstream's `--terminated-pod-gc-threshold`. */
const terminatedPodThreshold = 12_500;

const orphanCondition = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
} as const;

/**
 * Deletes pods that nobody else will (pkg/controller/podgc): too many that have ended, those on nodes that are gone or out of
 * service, those that were deleted before they got a node. Looks every 20 seconds.
 */
export const podGarbageCollector: ControllerRow = {
  name: 'pod-garbage-collector-controller',
  serviceAccount: 'pod-garbage-collector',
  start(context) {
    const pods = context.informers.informer<Pod>(refs.pods);
    const nodes = context.informers.informer<Node>(refs.nodes);
    const quarantine = new NodeQuarantine();
    const controller = new Controller(
      'orphaned_pods_nodes',
      (_, signal) => sweep({ context, pods: pods.lister, nodes: nodes.lister, quarantine }, signal),
      context,
      { workers: 1 },
    );
    controller.queue.addAfter(key, everyMs);
    return startWhenSynced([controller], [pods, nodes]);
  },
};

interface Parts {
  readonly context: ControllerContext;
  readonly pods: Lister<Pod>;
  readonly nodes: Lister<Node>;
  readonly quarantine: NodeQuarantine;
}

async function sweep(parts: Parts, signal: AbortSignal): Promise<Result> {
  const { context, nodes } = parts;
  const pods = parts.pods.list();
  const most = context.options.terminatedPodThreshold ?? terminatedPodThreshold;
  const nodeOf = (pod: Pod): Node | undefined => nodes.byKey(pod.spec?.nodeName ?? '');
  const garbage = new Set([
    ...(most === 0 ? [] : terminatedBeyond(pods, most)),
    ...pods.filter((pod) => isOutOfService(pod, nodeOf(pod)) || isUnscheduledTerminating(pod)),
  ]);
  const orphans = await orphaned(parts, pods);
  const all = [...new Set([...garbage, ...orphans])];
  await runAll(
    all.length,
    async (index) => {
      const pod = all[index];
      if (pod !== undefined) await tried(context, pod, orphans.has(pod) ? orphanCondition : undefined);
    },
    signal,
  );
  return requeueAfter(everyMs);
}

/** Pods of nodes that stayed away through the quarantine, and that the server does not know either. */
async function orphaned({ context, nodes, quarantine }: Parts, pods: readonly Pod[]): Promise<Set<Pod>> {
  const isMissing = (name: string): boolean => name !== '' && nodes.byKey(name) === undefined;
  const missing = new Set(pods.map((pod) => pod.spec?.nodeName ?? '').filter(isMissing));
  const gone = new Set<string>();
  for (const name of quarantine.released(missing, context.clock.nowMs()))
    if (!(await exists(context, name))) gone.add(name);
  return new Set(pods.filter((pod) => gone.has(pod.spec?.nodeName ?? '')));
}

async function exists({ rest, logger }: ControllerContext, name: string): Promise<boolean> {
  try {
    await rest.resource(refs.nodes).get('', name);
    return true;
  } catch (error) {
    if (reasonOf(error) === 'NotFound') return false;
    // In doubt its pods stay; the next sweep asks again.
    logger.warn('node not read', { node: name, error: String(error) });
    return true;
  }
}

/** One pod that resists must not save the others; the next sweep comes anyway. */
async function tried(context: ControllerContext, pod: Pod, condition?: corev1.PodCondition): Promise<void> {
  try {
    await forceDelete(context, pod, condition);
  } catch (error) {
    const { namespace, name } = pod.metadata;
    context.logger.warn('pod not collected', { namespace, name, error: String(error) });
  }
}
