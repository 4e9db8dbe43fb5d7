import { newControllerReference, reasonOf, StatusError } from '@reckon/api/machinery';
import type { ResourceClient } from '@reckon/client/rest';
import type { EventRecorder } from '@reckon/control/runtime';
import type { Clock } from '@reckon/kernel';
import { podsToDelete } from './deletion-rank';
import type { Expectations } from './expectations';
import type { Pod } from './pod-state';
import { type ReplicaKind, type ReplicaOwner, ownerType } from './replica-kind';
import { slowStart } from './slow-start';

/** Pods made or taken away in one reconcile (pkg/controller/replicaset.BurstReplicas). */
const burst = 500;

export interface PodControl {
  readonly kind: ReplicaKind;
  readonly pods: ResourceClient<Pod>;
  readonly recorder: EventRecorder;
  readonly expectations: Expectations;
  readonly clock: Clock;
  /** Pods of the sets that share this one's controller. */
  readonly related: (set: ReplicaOwner) => Pod[];
}

/** Creates or deletes pods so that there are as many as the set wants. Gives back what went wrong, it goes into the status. */
export async function scalePods(
  control: PodControl,
  set: ReplicaOwner,
  active: readonly Pod[],
): Promise<{ readonly failure: unknown } | undefined> {
  const difference = active.length - (set.spec?.replicas ?? 1);
  if (difference < 0) return createPods(control, set, Math.min(-difference, burst));
  if (difference > 0) return deletePods(control, set, active, Math.min(difference, burst));
  return undefined;
}

async function createPods(
  { kind, pods, recorder, expectations }: PodControl,
  set: ReplicaOwner,
  count: number,
): Promise<{ readonly failure: unknown } | undefined> {
  const owner = set.metadata.uid ?? '';
  const pod = podOf(set, kind);
  expectations.createsBegin(owner);
  try {
    return await slowStart(count, async () => {
      try {
        const { metadata } = await pods.create(pod);
        expectations.created(owner, metadata.uid ?? '');
        recorder.event(set, kind.ref, {
          type: 'Normal',
          reason: 'SuccessfulCreate',
          message: `Created pod: ${metadata.name ?? ''}`,
        });
      } catch (error) {
        // Any create would fail, and the set itself is about to go.
        if (isNamespaceTerminating(error)) return;
        recorder.event(set, kind.ref, {
          type: 'Warning',
          reason: 'FailedCreate',
          message: `Error creating: ${textOf(error)}`,
        });
        throw error;
      }
    });
  } finally {
    expectations.createsEnded(owner);
  }
}

async function deletePods(
  { kind, pods, recorder, expectations, clock, related }: PodControl,
  set: ReplicaOwner,
  active: readonly Pod[],
  count: number,
): Promise<{ readonly failure: unknown } | undefined> {
  const owner = set.metadata.uid ?? '';
  const chosen = podsToDelete(active, related(set), count, clock.nowMs());
  expectations.willDelete(
    owner,
    chosen.map((p) => p.metadata.uid ?? ''),
  );
  const results = await Promise.allSettled(
    chosen.map(async ({ metadata: { namespace = '', name = '', uid = '' } }) => {
      try {
        await pods.delete(namespace, name);
        recorder.event(set, kind.ref, {
          type: 'Normal',
          reason: 'SuccessfulDelete',
          message: `Deleted pod: ${name}`,
        });
      } catch (error) {
        expectations.sawDeletion(owner, uid);
        if (reasonOf(error) === 'NotFound') return;
        recorder.event(set, kind.ref, {
          type: 'Warning',
          reason: 'FailedDelete',
          message: `Error deleting: ${textOf(error)}`,
        });
        throw new Error(`unable to delete pods: ${textOf(error)}`, { cause: error });
      }
    }),
  );
  const failed = results.find((r) => r.status === 'rejected');
  return failed === undefined ? undefined : { failure: failed.reason };
}

/** pkg/controller.GetPodFromTemplate. */
function podOf(set: ReplicaOwner, kind: ReplicaKind): Pod {
  const { metadata = {}, spec } = set.spec?.template ?? {};
  return {
    metadata: {
      generateName: `${set.metadata.name ?? ''}-`,
      namespace: set.metadata.namespace ?? '',
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [newControllerReference(set, ownerType(kind))],
    },
    ...(spec === undefined ? {} : { spec }),
  };
}

export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    (error.status.details?.causes ?? []).some((c) => c.reason === 'NamespaceTerminating')
  );
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
