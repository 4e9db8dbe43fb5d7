import { reasonOf } from '@reckon/api/machinery';
import { type Informer, objectKey } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type EventRecorder, type Result, done, requeueAfter } from '@reckon/control/runtime';
import { amountsOf } from '@reckon/control/scheduling';
import type { Running } from '@reckon/kernel';
import type { KubeletOptions } from '../kubelet-options';
import { type Node, capacityOf, nodeLabels } from '../node/node-object';
import type { NodeProfile } from '../node/node-profile';
import { type Pod, containersOf, nextStage } from '../stages/next-stage';
import { StageWaits } from '../stages/stage-waits';
import { type NodeLabels, admitPod, awaitsAdmission, rejectPod } from './admit-pod';
import { applyStage } from './apply-stage';
import { awaitStart } from './await-start';
import { NodeRoom } from './node-room';
import { PodAddresses } from './pod-addresses';
import { type StageOutcome, uidOf } from './pod-status';
import { syncPod } from './sync-pod';

interface NodeParts {
  readonly profile: NodeProfile;
  readonly labels: NodeLabels;
  readonly room: NodeRoom;
  readonly addresses: PodAddresses;
  readonly recorder: EventRecorder;
}

/** What is known of a pod beyond its object. */
interface Memory {
  readonly waits: StageWaits;
  /** The version that a step was taken on: nothing more is done until the cache shows a newer one. */
  actedOn: string;
  /** The version on which the server would have nothing of what `syncPod` or `awaitStart` say: an older one does not know every field. */
  deafAt: string;
}

/** A pod with its node and what is remembered of it. */
interface Kept {
  readonly pod: Pod;
  readonly node: NodeParts;
  readonly memory: Memory;
}

const podKind = { group: '', version: 'v1', kind: 'Pod' } as const;

/** How long a pod waits for an address when its node has none left. */
const addressRetryMs = 1_000;

/**
 * Takes the pods of its nodes through their stages. One watch of all placed pods serves every node of this process, since a thousand
 * watches would cost more than the pods they leave out.
 */
export class PodKeeper implements Running {
  private readonly nodes = new Map<string, NodeParts>();
  private readonly memory = new Map<string, Memory>();
  private readonly controller: Controller;
  private readonly client: ResourceClient<Pod>;

  /** `nodes` are kept from the start: `pods` must not have been started yet. */
  constructor(
    private readonly options: KubeletOptions,
    private readonly pods: Informer<Pod>,
    nodes: readonly { readonly profile: NodeProfile; readonly recorder: EventRecorder }[],
  ) {
    for (const { profile, recorder } of nodes)
      this.nodes.set(profile.name, {
        profile,
        recorder,
        labels: this.labelsOf(profile),
        room: new NodeRoom(amountsOf(capacityOf(profile))),
        addresses: new PodAddresses(profile.podCidr),
      });
    this.client = options.rest.resource<Pod>(refs.pods);
    this.controller = new Controller('kubelet_pods', (key) => this.reconcile(key), options, { workers: 16 });
    pods.addHandler({
      add: (pod) => {
        this.seen(pod);
      },
      update: (_, pod) => {
        this.seen(pod);
      },
      delete: (pod) => {
        this.forget(pod);
      },
    });
  }

  pod(namespace: string, name: string): Pod | undefined {
    const pod = this.pods.lister.get(namespace, name);
    return pod !== undefined && this.nodes.has(pod.spec?.nodeName ?? '') ? pod : undefined;
  }

  all(): Pod[] {
    return this.pods.lister.list().filter((p) => this.nodes.has(p.spec?.nodeName ?? ''));
  }

  /** Begins to act once the cache has been filled, so that addresses of pods that were there before are known to be taken. */
  async start(): Promise<void> {
    await this.pods.synced;
    this.controller.start();
  }

  stop(): Promise<void> {
    return this.controller.stop();
  }

  private seen(pod: Pod): void {
    const node = this.nodes.get(pod.spec?.nodeName ?? '');
    if (node === undefined) return;
    const { phase, podIP } = pod.status ?? {};
    // A pod that has ended still tells its address, but no longer holds it, or any place.
    if (phase === 'Succeeded' || phase === 'Failed') {
      node.addresses.release(uidOf(pod));
      node.room.release(uidOf(pod));
    } else {
      if (podIP !== undefined && pod.spec?.hostNetwork !== true) node.addresses.keep(uidOf(pod), podIP);
      if (node.room.has(pod) || !awaitsAdmission(pod)) node.room.take(pod);
    }
    this.controller.enqueue(objectKey(pod));
  }

  private forget(pod: Pod): void {
    const node = this.nodes.get(pod.spec?.nodeName ?? '');
    node?.addresses.release(uidOf(pod));
    node?.room.release(uidOf(pod));
    this.memory.delete(uidOf(pod));
  }

  private async reconcile(key: string): Promise<Result> {
    const pod = this.pods.lister.byKey(key);
    const node = this.nodes.get(pod?.spec?.nodeName ?? '');
    if (pod === undefined || node === undefined) return done;
    const memory = this.memoryOf(pod);
    if (memory.actedOn === pod.metadata.resourceVersion) return done;

    const nowMs = this.options.clock.nowMs();
    if (awaitsAdmission(pod) && !node.room.has(pod)) {
      const rejection = await admitPod(pod, node.room, node.labels);
      if (rejection !== undefined) return this.act({ pod, node, memory }, rejectPod(pod, rejection, nowMs));
    }
    const due = memory.waits.ask((waitOf) => nextStage(this.options.stages, pod, waitOf), nowMs);
    const isDue = due !== undefined && due.atMs <= nowMs;
    const podIp = isDue || containersOf(pod) !== 'none' ? this.addressFor(pod, node) : '';
    const context = { nowMs, hostIp: node.profile.internalIp, podIp: podIp ?? '' };
    // A node out of addresses has more pods than it admits; this one waits until another is gone.
    const all = { pod, node, memory };
    if (isDue && podIp !== undefined) return this.act(all, applyStage(pod, due.stage, context));
    if (memory.deafAt !== pod.metadata.resourceVersion) {
      const outcome = awaitStart(pod, context) ?? (podIp === undefined ? undefined : syncPod(pod, context));
      if (outcome !== undefined) {
        if (await this.write(pod, outcome)) return this.acted(all, outcome);
        memory.deafAt = pod.metadata.resourceVersion ?? '';
      }
    }
    if (podIp === undefined) return requeueAfter(addressRetryMs);
    return due === undefined ? done : requeueAfter(due.atMs - nowMs);
  }

  private async act(all: Kept, outcome: StageOutcome): Promise<Result> {
    await this.write(all.pod, outcome);
    return this.acted(all, outcome);
  }

  private acted({ pod, node, memory }: Kept, outcome: StageOutcome): Result {
    memory.actedOn = pod.metadata.resourceVersion ?? '';
    for (const { type, reason, message, fieldPath } of outcome.events)
      node.recorder.event(
        pod,
        { ...podKind, ...(fieldPath === undefined ? {} : { fieldPath }) },
        { type, reason, message },
      );
    return done;
  }

  /** The address that the pod has or gets; a pod that has ended, or is about to before it ever ran, needs none of its own. */
  private addressFor(pod: Pod, node: NodeParts): string | undefined {
    if (pod.spec?.hostNetwork === true) return node.profile.internalIp;
    const { podIP } = pod.status ?? {};
    if (podIP !== undefined) return podIP;
    return pod.metadata.deletionTimestamp === undefined ? node.addresses.take(uidOf(pod)) : '';
  }

  private labelsOf(profile: NodeProfile): NodeLabels {
    const nodes = this.options.rest.resource<Node>(refs.nodes);
    return {
      name: profile.name,
      registered: nodeLabels(profile),
      current: async () => (await nodes.get('', profile.name)).metadata.labels ?? {},
    };
  }

  private memoryOf(pod: Pod): Memory {
    const known = this.memory.get(uidOf(pod));
    if (known !== undefined) return known;
    const made = { waits: new StageWaits(this.options.random), actedOn: '', deafAt: '' };
    this.memory.set(uidOf(pod), made);
    return made;
  }

  /**
   * The resourceVersion of the status and the uid of the delete keep a newer state, and a namesake that came after, from being touched:
   * whoever loses that race finds the newer object in the cache. False when the server has kept nothing of it: no newer object will come.
   */
  private async write(pod: Pod, { status, isDeleted }: StageOutcome): Promise<boolean> {
    const { namespace = '', name = '', uid = '', resourceVersion } = pod.metadata;
    try {
      const written = status === pod.status ? pod : await this.client.updateStatus({ ...pod, status });
      if (!isDeleted) return written.metadata.resourceVersion !== resourceVersion;
      await this.client.delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (reasonOf(error) !== 'NotFound') throw error;
    }
    return true;
  }
}
