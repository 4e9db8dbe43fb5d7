import { reasonOf } from '@reckon/api/machinery';
import { type Informer, objectKey } from '@reckon/client/cache';
import { type ResourceClient, refs } from '@reckon/client/rest';
import { Controller, type EventRecorder, type Result, done, requeueAfter } from '@reckon/control/runtime';
import type { Running } from '@reckon/kernel';
import type { KubeletOptions } from '../kubelet-options';
import type { NodeProfile } from '../node/node-profile';
import { type Pod, nextStage } from '../stages/next-stage';
import { durationMs } from '../stages/stage';
import { type StageOutcome, applyStage } from './apply-stage';
import { PodAddresses } from './pod-addresses';

interface NodeParts {
  readonly profile: NodeProfile;
  readonly addresses: PodAddresses;
  readonly recorder: EventRecorder;
}

/** What is known of a pod beyond its object. */
interface Memory {
  /** The stage that waits, since when, and the random part of its delay. */
  stage: string;
  seenMs: number;
  jitterMs: number;
  /** The version that a step was taken on: nothing more is done until the cache shows a newer one. */
  actedOn: string;
  nodeName: string;
}

/**
 * Takes the pods of its nodes through their stages. One watch of all placed pods serves every node of this process, since a thousand
 * watches would cost more than the pods they leave out.
 */
export class PodKeeper implements Running {
  private readonly nodes = new Map<string, NodeParts>();
  private readonly memory = new Map<string, Memory>();
  private readonly controller: Controller;
  private readonly client: ResourceClient<Pod>;

  constructor(
    private readonly options: KubeletOptions,
    private readonly pods: Informer<Pod>,
  ) {
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

  /** Pods that were placed before are taken up now. */
  addNode(profile: NodeProfile): void {
    this.nodes.set(profile.name, {
      profile,
      addresses: new PodAddresses(profile.podCidr),
      recorder: this.options.recorder(profile.name),
    });
    for (const pod of this.pods.lister.list()) if (pod.spec?.nodeName === profile.name) this.seen(pod);
  }

  podsOf(nodeNames: ReadonlySet<string>): Pod[] {
    return this.pods.lister.list().filter((p) => nodeNames.has(p.spec?.nodeName ?? ''));
  }

  start(): void {
    this.controller.start();
  }

  stop(): Promise<void> {
    return this.controller.stop();
  }

  private seen(pod: Pod): void {
    const node = this.nodes.get(pod.spec?.nodeName ?? '');
    if (node === undefined) return;
    const ip = pod.status?.podIP;
    if (ip !== undefined && pod.spec?.hostNetwork !== true) node.addresses.keep(pod.metadata.uid ?? '', ip);
    this.controller.enqueue(objectKey(pod));
  }

  private forget(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    this.nodes.get(pod.spec?.nodeName ?? '')?.addresses.release(uid);
    this.memory.delete(uid);
  }

  private async reconcile(key: string): Promise<Result> {
    const pod = this.pods.lister.byKey(key);
    const node = this.nodes.get(pod?.spec?.nodeName ?? '');
    if (pod === undefined || node === undefined) return done;
    const memory = this.remember(pod, node);
    if (memory.actedOn === pod.metadata.resourceVersion) return done;

    const now = this.options.clock.nowMs();
    const due = nextStage(this.options.stages, pod, memory.seenMs);
    if (due === undefined) return done;
    if (memory.stage !== due.stage.name) {
      memory.stage = due.stage.name;
      memory.seenMs = now;
      memory.jitterMs = this.options.random.float() * durationMs(due.stage.after.jitter);
      if (due.stage.after.since === 'seen') return this.reconcile(key);
    }
    const waitMs = due.atMs + memory.jitterMs - now;
    if (waitMs > 0) return requeueAfter(waitMs);

    const podIp = pod.spec?.hostNetwork === true ? node.profile.internalIp : node.addresses.take(pod.metadata.uid ?? '');
    // A node out of addresses has more pods than it admits; the pod waits until one is gone.
    if (podIp === undefined) return requeueAfter(1_000);
    const outcome = applyStage(pod, due.stage, { nowMs: now, hostIp: node.profile.internalIp, podIp });
    await this.write(pod, outcome);
    memory.actedOn = pod.metadata.resourceVersion ?? '';
    for (const { type, reason, message } of outcome.events)
      node.recorder.event(pod, { group: '', version: 'v1', kind: 'Pod' }, type, reason, message);
    return done;
  }

  private remember(pod: Pod, node: NodeParts): Memory {
    const uid = pod.metadata.uid ?? '';
    let memory = this.memory.get(uid);
    if (memory === undefined) {
      memory = { stage: '', seenMs: this.options.clock.nowMs(), jitterMs: 0, actedOn: '', nodeName: node.profile.name };
      this.memory.set(uid, memory);
    }
    return memory;
  }

  /** The uid in the patch and in the delete's precondition keeps a namesake that came after from being touched. */
  private async write(pod: Pod, { status, isDeleted }: StageOutcome): Promise<void> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    try {
      if (status !== pod.status)
        await this.client.patch(namespace, name, {
          type: 'strategic',
          subresource: 'status',
          body: { metadata: { uid }, status: mergeable(status) },
        });
      if (isDeleted) await this.client.delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== 'NotFound' && !(reason === 'Conflict' && isDeleted)) throw error;
    }
  }
}

/**
 * A strategic merge adds; what the kubelet means as a whole is said so. Conditions merge by type, so those of others stay.
 */
function mergeable(status: NonNullable<Pod['status']>): Record<string, unknown> {
  const replace = { $patch: 'replace' };
  return {
    ...status,
    ...(status.containerStatuses === undefined ? {} : { containerStatuses: status.containerStatuses.map(wholeState) }),
    ...(status.podIPs === undefined ? {} : { podIPs: [...status.podIPs, replace] }),
    ...(status.hostIPs === undefined ? {} : { hostIPs: [...status.hostIPs, replace] }),
  };
}

const wholeState = (s: NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]): Record<string, unknown> => ({
  ...s,
  // A container is in one state: a null takes the others away.
  state: { waiting: null, running: null, terminated: null, ...s.state },
});
