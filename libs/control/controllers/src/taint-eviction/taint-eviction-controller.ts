import { semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { type Lister, objectKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, done, type EventRecorder, type Result, requeueAfter } from '@reckon/control/runtime';
import type { ControllerContext, ControllerRow } from '../controller-context';
import type { Node } from '../node-lifecycle/node';
import { indexByNode, podsOn } from '../node-lifecycle/pods-on-node';
import type { Pod } from '../replica-set/pod-state';
import { startWhenSynced } from '../start-when-synced';
import { evictPod } from './evict-pod';
import { noExecute, tolerationMs } from './toleration-time';

const podKind = { group: '', version: 'v1', kind: 'Pod' } as const;

/** What was decided for a pod (uid): when it will be evicted, or that it has been. */
interface Sentence {
  readonly uid: string;
  readonly dueMs: number;
  isDone: boolean;
}

/**
 * Deletes pods from nodes whose NoExecute taints they do not tolerate, at once or when the time that they tolerate is over
 * (pkg/controller/tainteviction). Only pods on such nodes cost anything. A restart counts anew, as upstream.
 */
export const taintEvictionController: ControllerRow = {
  name: 'taint-eviction-controller',
  serviceAccount: 'node-controller',
  start(context) {
    const nodes = context.informers.informer<Node>(refs.nodes);
    const pods = context.informers.informer<Pod>(refs.pods);
    indexByNode(pods);
    const eviction = new TaintEviction(context, nodes.lister, pods.lister);
    nodes.addHandler({
      add: (node) => {
        if (noExecute(node.spec?.taints).length > 0) eviction.ofNode(node);
      },
      update: (old, node) => {
        if (!semanticEqual(noExecute(old.spec?.taints), noExecute(node.spec?.taints))) eviction.ofNode(node);
      },
    });
    pods.addHandler({
      add: (pod) => {
        eviction.ofPod(pod);
      },
      update: (old, pod) => {
        if (old.spec?.nodeName !== pod.spec?.nodeName || !semanticEqual(old.spec?.tolerations, pod.spec?.tolerations))
          eviction.ofPod(pod);
      },
      delete: (pod) => {
        eviction.gone(pod);
      },
    });
    return startWhenSynced([eviction.controller], [nodes, pods]);
  },
};

class TaintEviction {
  readonly controller: Controller;
  private readonly sentences = new Map<string, Sentence>();
  private readonly recorder: EventRecorder;

  constructor(
    private readonly context: ControllerContext,
    private readonly nodes: Lister<Node>,
    private readonly pods: Lister<Pod>,
  ) {
    this.recorder = context.recorder('taint-eviction-controller');
    this.controller = new Controller('noexec_taint_pod', (key) => this.reconcile(key), context, { workers: 8 });
  }

  ofNode({ metadata: { name = '' } }: Node): void {
    for (const pod of podsOn(this.pods, name)) this.controller.enqueue(objectKey(pod));
  }

  ofPod(pod: Pod): void {
    const key = objectKey(pod);
    if (this.taintsAround(pod).length > 0 || this.sentences.has(key)) this.controller.enqueue(key);
  }

  gone(pod: Pod): void {
    const key = objectKey(pod);
    if (this.sentences.has(key)) this.controller.enqueue(key);
  }

  private taintsAround(pod: Pod): corev1.Taint[] {
    return noExecute(this.nodes.byKey(pod.spec?.nodeName ?? '')?.spec?.taints);
  }

  private async reconcile(key: string): Promise<Result> {
    const pod = this.pods.byKey(key);
    const known = this.sentences.get(key);
    if (pod === undefined || (known !== undefined && known.uid !== pod.metadata.uid)) this.cancel(key);
    if (pod === undefined) return done;
    const sentence = this.sentences.get(key);
    if (sentence?.isDone === true) return done;
    // The pods of a node that is gone keep what they have: somebody will collect them anyway.
    if (this.nodes.byKey(pod.spec?.nodeName ?? '') === undefined) return this.await(key, pod, sentence);
    const taints = this.taintsAround(pod);
    const toleratedMs = taints.length === 0 ? Infinity : tolerationMs(taints, pod.spec?.tolerations);
    if (toleratedMs === Infinity) {
      this.cancel(key);
      return done;
    }
    return this.await(key, pod, this.sentenceFor(key, pod, toleratedMs));
  }

  /** Once it runs, a time is neither made longer nor shorter; but a pod that is no longer tolerated goes at once. */
  private sentenceFor(key: string, pod: Pod, toleratedMs: number): Sentence {
    const known = this.sentences.get(key);
    if (known !== undefined && toleratedMs > 0) return known;
    if (known !== undefined) this.cancel(key);
    const dueMs = this.context.clock.elapsedMs() + toleratedMs;
    const sentence = { uid: pod.metadata.uid ?? '', dueMs, isDone: false };
    this.sentences.set(key, sentence);
    return sentence;
  }

  private async await(key: string, pod: Pod, sentence: Sentence | undefined): Promise<Result> {
    if (sentence === undefined) return done;
    const leftMs = sentence.dueMs - this.context.clock.elapsedMs();
    if (leftMs > 0) return requeueAfter(leftMs);
    // One that is being deleted already goes by the grace period that it was given.
    if (pod.metadata.deletionTimestamp === undefined) {
      await evictPod(this.context, pod);
      this.tell(key, `Marking for deletion Pod ${key}`, pod.metadata.uid);
    }
    sentence.isDone = true;
    return done;
  }

  private cancel(key: string): void {
    const known = this.sentences.get(key);
    if (known === undefined) return;
    this.sentences.delete(key);
    if (!known.isDone) this.tell(key, `Cancelling deletion of Pod ${key}`, known.uid);
  }

  private tell(key: string, message: string, uid = ''): void {
    const [namespace = '', name = ''] = key.split('/');
    this.recorder.event({ metadata: { namespace, name, uid } }, podKind, {
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message,
    });
  }
}
